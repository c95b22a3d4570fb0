// What a model consists of, in print.
#pragma once

#include <string>

#include <tapegrad/graph/parameters.h>

namespace tapegrad::nn {

// A line a parameter with name, shape and count, frozen ones marked, and the sums: in all, and of
// those that train.
std::string summary(const Parameters& parameters);

}  // namespace tapegrad::nn
