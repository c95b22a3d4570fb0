// The mean of the losses of rows that do not all count the same.
#pragma once

#include <tapegrad/graph/tape.h>

namespace tapegrad::nn {

// The mean of losses [n], or with row_weights [n] of each loss times its weight. Throws ShapeError,
// which begins with the name of the loss, for weights of another shape.
Tensor mean_of_rows(const char* name, const Located& losses, const Tensor& row_weights);

}  // namespace tapegrad::nn
