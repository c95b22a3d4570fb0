// What comes next in a text.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <tapegrad/tapegrad.h>

#include <tapegrad/apps/data/text_units.h>
#include <tapegrad/apps/models/language_row.h>
#include <tapegrad/apps/models/stored_row.h>

namespace tapegrad::apps {

// The vectors of units go into recurrent layers; the hidden state of the last layer gives the
// logits of what comes next. Where the model is tied, the vectors of units are the weights of the
// output, too, and a linear layer without bias, "projection", turns the hidden state into as many
// numbers as a vector has, unless they are as many already. Source: Press & Wolf, "Using the output
// embedding to improve language models", EACL 2017. Dropout lies behind the vectors
// (input_dropout), and behind each recurrent layer (dropout).
class LanguageModel {
 public:
  LanguageModel(const Scope& scope, Index vocabulary, const LanguageModelOptions& options);

  // Parts of a text side by side: ids [steps, batch]. States [steps·batch, width of the output]
  // after each unit.
  struct Steps {
    Tensor states;
    nn::RecurrentState after;
  };
  Steps run(Tape& tape, std::span<const Index> ids, Index batch,
            const nn::RecurrentState& before) const;
  // [n, vocabulary].
  Tensor logits(const Tensor& states) const;
  // The mean loss in nats of the units that follow the states.
  Tensor loss(const Tensor& states, std::span<const Index> next) const;
  // An estimate of it from sampled units, negatives, which were drawn with the probabilities whose
  // logarithms are log_q, by unit (nn::sampled_softmax).
  Tensor sampled_loss(const Tensor& states, std::span<const Index> next,
                      std::span<const Index> negatives, std::span<const double> log_q) const;

  const nn::Recurrent& layers() const { return *layers_; }
  Index vocabulary() const { return bias_->shape()[0]; }

 private:
  const Parameter& output_weight() const;

  LanguageModelOptions options_;
  nn::Embedding embedding_;
  std::unique_ptr<nn::Recurrent> layers_;
  std::optional<nn::Linear> projection_;
  const Parameter* weight_ = nullptr;  // of the output; null where the model is tied
  const Parameter* bias_;
};

// The mean loss in nats of each unit of a text but the first, given all those before it. Without
// gradients; the parameters must not change meanwhile. The text has two units or more.
double text_loss(const LanguageModel& model, std::span<const std::int32_t> text, int threads);

// A trained model and what it needs besides its weights.
struct StoredLanguageModel : StoredRow {  // of language_row.h
  std::unique_ptr<LanguageModel> model;
  TextUnit unit = TextUnit::words;
  IdMap vocabulary;  // with the unknown unit
};

}  // namespace tapegrad::apps
