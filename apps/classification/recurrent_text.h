// Recurrent networks that read a text from both ends.
#pragma once

#include <memory>

#include <tapegrad/apps/classification/text_network.h>
#include <tapegrad/apps/models/recurrent_kind.h>

namespace tapegrad::apps {

struct RecurrentTextOptions {
  RecurrentKind kind = RecurrentKind::lstm;
  Index embedding = 100;  // width of the vectors of tokens
  Index width = 128;      // of the states of one direction
  Index layers = 1;
  double input_dropout = 0.2;  // of the vectors
  double dropout = 0.3;        // between layers, and before the output
};

// Vectors of tokens go through recurrent layers in both directions; a text is the mean of the
// states, weighted by attention. A text without tokens is zeros. Source of the pooling: Yang et
// al., NAACL 2016.
class RecurrentText : public TextNetwork {
 public:
  RecurrentText(const Scope& scope, Index vocabulary, Index classes,
                const RecurrentTextOptions& options);
  Tensor encode(Tape& tape, const TextInputs& inputs, std::span<const Index> texts,
                const Tensor& strengths = {}) const override;

 private:
  double input_dropout_;
  nn::Embedding embedding_;
  std::unique_ptr<nn::Recurrent> layers_;
  nn::AttentionPooling pooling_;
};

}  // namespace tapegrad::apps
