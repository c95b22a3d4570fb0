// Pictures changed at random while a network trains.
#pragma once

#include <span>

#include <tapegrad/graph/random.h>

#include <tapegrad/apps/images/image_set.h>

namespace tapegrad::apps {

struct Augmentation {
  bool flips = false;  // half of the pictures are mirrored
  Index shift = 0;     // moved by up to this many pixels across and down; the edge goes on
  // The largest part of each side that is cut off, before what is left is stretched to the size.
  double crop = 0.0;
  // How many of the pictures have a rectangle of 2 to 25 % of their area set to zero.
  double erase = 0.0;
};

// Changes numbers [channels, size, size] whose mean is 0.
void augment(std::span<float> picture, const ImageShape& shape, const Augmentation& options,
             Random& random);

// Mirrors numbers [channels, size, size] left to right.
void flip(std::span<float> picture, const ImageShape& shape);

}  // namespace tapegrad::apps
