// From pictures with labels to a trained network.
#pragma once

#include <span>
#include <string>

#include <tapegrad/apps/images/image_classifier.h>
#include <tapegrad/apps/training/fit_examples.h>

namespace tapegrad::apps {

struct ImageFitOptions {
  ModelSettings settings;
  ExampleFitOptions examples;
};

// Of some pictures and their labels.
std::string image_fingerprint(const ImageSet& images, std::span<const Labels> truth,
                              std::span<const Index> some);

// Fits `model`, which has its name, to some of the pictures; `truth` is by target, and `names` are
// the targets'. Gives the number of epochs.
int fit_images(ImageClassifier& model, const ImageSet& images, std::span<const Labels> truth,
               std::span<const std::string> names, std::span<const Index> some,
               const ImageFitOptions& options, Progress& progress);

}  // namespace tapegrad::apps
