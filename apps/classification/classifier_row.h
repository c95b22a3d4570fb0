// What the commands know of a classifier: its row in the registry of its task.
#pragma once

#include <string_view>
#include <vector>

#include <tapegrad/apps/models/model_options.h>
#include <tapegrad/apps/training/training_loop.h>

namespace tapegrad::apps {

namespace classifier_options {
extern const ModelOption tokens, merges, min_count, ngrams, subwords, buckets, length, scale, bins,
    hash_above, embedding, width, kernels, filters, blocks, hidden, input_dropout, dropout, flip,
    shift, crop, erase, cost, smoothing, batch, loss, huber_delta, label_smoothing;
// All that classifiers know, in the order of the help; layers and heads are those of
// sequence_options.
const std::vector<const ModelOption*>& all();
}  // namespace classifier_options

struct ClassifierRow {
  std::string_view name;
  std::string_view summary;  // a phrase for the help
  std::vector<OptionDefault> options;
  // A neural network is trained by the loop, whose defaults are these; any other model is linear
  // and fitted at once.
  bool neural = false;
  // Whether its targets are numbers, without an option that says so.
  bool only_numbers = false;
  LoopOptions loop{};
  std::vector<TunedLoopOption> tuned_loop{};

  bool is_neural() const { return neural; }
};

// Whether a model predicts numbers instead of classes.
bool predicts_numbers(const ClassifierRow& row, const ModelSettings& settings);

}  // namespace tapegrad::apps
