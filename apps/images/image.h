// A picture in memory.
#pragma once

#include <vector>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

struct Image {
  Index width = 0, height = 0;
  Index channels = 0;                 // 1: grey; 3: red, green, blue
  std::vector<unsigned char> values;  // [height, width, channels]
};

}  // namespace tapegrad::apps
