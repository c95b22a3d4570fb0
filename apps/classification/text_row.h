// The models of texts: what the commands know of them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tapegrad/apps/classification/counted_text.h>
#include <tapegrad/apps/classification/text_encoder.h>
#include <tapegrad/apps/classification/text_network.h>
#include <tapegrad/apps/models/model_options.h>
#include <tapegrad/apps/models/registry_rows.h>
#include <tapegrad/apps/training/training_loop.h>

namespace tapegrad::apps {

namespace text_options {
extern const ModelOption tokens, min_count, ngrams, subwords, buckets, length, embedding, width,
    layers, heads, kernels, input_dropout, dropout, cost, smoothing, batch, label_smoothing;
// All of them, in the order of the help.
const std::vector<const ModelOption*>& all();
}  // namespace text_options

struct TextRow {
  std::string_view name;
  std::string_view summary;  // a phrase for the help
  std::vector<OptionDefault> options;

  // A network is made, and trained by the loop, whose defaults are these. `vocabulary` is the width
  // of the encoder, `outputs` that of the last layer.
  std::unique_ptr<TextNetwork> (*make)(const ModelSettings& settings, const Scope& scope,
                                       Index vocabulary, Index outputs) = nullptr;
  LoopOptions loop{};
  std::vector<TunedLoopOption> tuned_loop{};

  // Any other model is fitted to the counts of n-grams at once.
  bool is_neural() const { return make != nullptr; }
};

const std::vector<TextRow>& text_rows();
// Throws OptionError, which lists the names, for a name that no row has.
const TextRow& text_row(const std::string& name);

// Throws OptionError for settings that do not go together.
void check_settings(const TextRow& row, const ModelSettings& settings);

// Of a network.
TextEncoderOptions encoder_options(const TextRow& row, const ModelSettings& settings);

// Of a model of counts.
CountedText::Options counted_options(const std::string& name, const ModelSettings& settings);

}  // namespace tapegrad::apps
