// The operations that the engine has itself: leaves, the end of a gradient, and the addition of
// gradients.
#pragma once

#include <span>

#include <tapegrad/graph/operation.h>
#include <tapegrad/graph/tensor.h>

namespace tapegrad {

extern const Operation input_operation;      // a copy of numbers
extern const Operation borrowed_operation;   // numbers that stay elsewhere
extern const Operation parameter_operation;  // a parameter, read in place
// A parameter of another element type, or with other numbers for a while.
extern const Operation copied_parameter_operation;
extern const Operation detach_operation;  // the same value, with no gradient
extern const Operation sum_operation;     // x + y + z + ... of one type

// The sum of tensors of one type; the tensor itself if there is one. Throws ShapeError for none and
// for different types.
Tensor add_all(std::span<const Tensor> tensors, SourceLine line = SourceLine::here());

}  // namespace tapegrad
