// How a quantity is distributed.
#pragma once

#include <vector>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

// Quantiles are values that were seen: of n values in order the one at ⌊q·(n - 1)⌋. All 0 without
// values.
struct Distribution {
  Index count = 0;
  double mean = 0.0, smallest = 0.0, lower = 0.0, median = 0.0, upper = 0.0, largest = 0.0;
};
Distribution distribution_of(std::vector<double> values);

}  // namespace tapegrad::apps
