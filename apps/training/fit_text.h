// From texts with labels to a trained model.
#pragma once

#include <span>
#include <string>

#include <tapegrad/apps/classification/text_classifier.h>
#include <tapegrad/apps/training/fit_examples.h>

namespace tapegrad::apps {

struct TextFitOptions {
  ModelSettings settings;
  ExampleFitOptions examples;
};

// Of some of the texts and their labels.
std::string text_fingerprint(std::span<const std::string> texts, std::span<const Labels> truth,
                             std::span<const Index> some);

// Fits `model`, which has its name, to some of the texts; `truth` is by target, and `names` are the
// targets'. Gives the number of epochs, 0 for a model of counts.
int fit_text(TextClassifier& model, std::span<const std::string> texts,
             std::span<const Labels> truth, std::span<const std::string> names,
             std::span<const Index> some, const TextFitOptions& options, Progress& progress);

}  // namespace tapegrad::apps
