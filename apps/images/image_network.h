// What all networks that classify pictures are.
#pragma once

#include <tapegrad/tapegrad.h>

namespace tapegrad::apps {

class ImageNetwork {
 public:
  virtual ~ImageNetwork() = default;
  // One vector for each picture: images [pictures, channels, size, size] → [pictures, width()].
  virtual Tensor encode(const Tensor& images) const = 0;
  // [pictures, outputs].
  Tensor outputs(const Tensor& images) const { return output_(dropout(encode(images), dropout_)); }
  Index width() const { return width_; }

 protected:
  // Dropout lies before the last layer, "output".
  ImageNetwork(const Scope& scope, Index width, Index outputs, double dropout)
      : width_(width), dropout_(dropout), output_(scope / "output", width, outputs) {}
  ImageNetwork(const ImageNetwork&) = default;
  ImageNetwork& operator=(const ImageNetwork&) = default;

 private:
  Index width_;
  double dropout_;
  nn::Linear output_;
};

}  // namespace tapegrad::apps
