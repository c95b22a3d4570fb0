// A trained model of pictures.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/classification/stored_classifier.h>
#include <tapegrad/apps/images/image_network.h>
#include <tapegrad/apps/images/image_set.h>
#include <tapegrad/apps/images/pixel_scale.h>

namespace tapegrad::apps {

struct ImageClassifier : StoredClassifier {  // of image_row.h
  ImageShape shape;
  PixelScale scale;
  std::unique_ptr<ImageNetwork> network;
};

// The numbers of some pictures, [pictures, channels, size, size].
std::vector<float> scaled_images(const ImageClassifier& model, const ImageSet& images,
                                 std::span<const Index> some);

// What the network says of pictures [pictures, channels, size, size]: where it looks twice, the
// mean of what it says of them and of their mirror images. [pictures, model.width()].
Tensor tensor_outputs(const ImageClassifier& model, const Tensor& pictures);
// The same of pictures whose numbers are given.
Tensor network_outputs(const ImageClassifier& model, Tape& tape, std::span<const float> numbers);

// The outputs of all pictures, [pictures, model.width()], and their vectors.
std::vector<double> image_outputs(const ImageClassifier& model, const ImageSet& images,
                                  int threads);
std::vector<double> image_vectors(const ImageClassifier& model, const ImageSet& images,
                                  int threads);

void save_image_classifier(const std::string& path, const ImageClassifier& model);
// Throws Error for a file that is none of a classifier of pictures.
ImageClassifier load_image_classifier(const std::string& path);

}  // namespace tapegrad::apps
