// From a text to a trained model of language.
#pragma once

#include <tapegrad/apps/data/text_split.h>
#include <tapegrad/apps/models/language_model.h>
#include <tapegrad/apps/training/training_loop.h>

namespace tapegrad::apps {

struct LanguageFitOptions {
  ModelSettings settings;
  LoopOptions loop;
  bool refit = true;  // train anew on the validation part, too, for the chosen number of epochs
};

// Fits a model into `model`, which has its name already. The validation part chooses the number of
// epochs by its loss. Gives the number of epochs.
int fit_language(StoredLanguageModel& model, const TextSplit& split,
                 const LanguageFitOptions& options, Progress& progress);

// What knows how often each unit comes in a text, and no more, loses in nats on the units of
// another one but the first: the probability of a unit is (its count + 1) / (all + vocabulary).
double unigram_loss(std::span<const std::int32_t> training, std::span<const std::int32_t> test,
                    Index vocabulary);

}  // namespace tapegrad::apps
