// Vectors in fewer numbers.
#pragma once

#include <span>
#include <vector>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

// Rows [rows, width], less their mean, along the `count` directions in which they vary most, the
// first one most: [rows, count]. A direction points to where its greatest number, the first of
// equal ones, is positive.
std::vector<double> principal_components(std::span<const double> rows, Index width, Index count);

}  // namespace tapegrad::apps
