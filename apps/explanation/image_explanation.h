// Which parts of a picture moved a classifier.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/explanation/class_score.h>
#include <tapegrad/apps/explanation/explanation.h>
#include <tapegrad/apps/images/image_classifier.h>

namespace tapegrad::apps {

// A picture is cut into regions, squares of a seventh of its side, and what is left over.
struct ImageRegions {
  Index size = 0;  // of the picture
  Index side() const { return (size + 6) / 7; }
  Index across() const { return (size + side() - 1) / side(); }
  Index of(Index y, Index x) const { return y / side() * across() + x / side(); }
  // Such as "rows 9 to 12, columns 1 to 4", from 1 on.
  std::string name(Index region) const;
};

// The score is that of class_score.h.
struct ImageExplanation {
  Explanation explanation;     // parts are InputKind::region
  std::vector<double> pixels;  // what each pixel contributes, [size, size]
};

// Both of one picture, whose numbers are as scaled_images() gives them. Occlusion: scores the
// picture, and the picture with each region in turn at the mean of the training's pixels; a
// contribution is the first less the second, and a pixel has its region's.
ImageExplanation explain_image_by_leaving_out(const ImageClassifier& model,
                                              std::span<const float> numbers,
                                              const ClassOfTarget& one, int threads);
// Gradient times input, the mean over the way from a picture that is the mean of the training's
// pixels everywhere to the picture as it is (integrated gradients); a region has the sum of its
// pixels.
ImageExplanation explain_image_by_gradients(const ImageClassifier& model,
                                            std::span<const float> numbers,
                                            const ClassOfTarget& one, int steps = 32);

// The picture, and beside it the picture in grey with green where pixels speak for the class and
// red where they speak against it, the stronger the deeper. `bytes` are [channels, size, size].
// Each pixel becomes a square, so that the sides have 224 pixels or more.
Image saliency_picture(std::span<const unsigned char> bytes, const ImageShape& shape,
                       std::span<const double> pixels);

}  // namespace tapegrad::apps
