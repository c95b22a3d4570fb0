// Turns a function of numbers into the kernels of an elementwise operation.
#pragma once

#include <cstddef>
#include <utility>

#include <tapegrad/graph/operation.h>

namespace tapegrad {
namespace elementwise_detail {

// One loop for each choice of inputs that advance, so that each vectorises. Outputs never overlap
// inputs.
template <class Function, class T, unsigned steps, std::size_t... input>
void loop(T* __restrict output, const void* const* inputs, Index count,
          std::index_sequence<input...>) {
  const T* const pointers[] = {static_cast<const T*>(inputs[input])...};
  const T firsts[] = {*pointers[input]...};
  for (Index i = 0; i < count; ++i)
    output[i] =
        Function::apply(((steps >> input & 1u) != 0 ? pointers[input][i] : firsts[input])...);
}

template <class Function, class T, std::size_t arity, unsigned... steps>
void dispatch(T* output, const void* const* inputs, unsigned wanted, Index count,
              std::integer_sequence<unsigned, steps...>) {
  (void)((wanted == steps
              ? (loop<Function, T, steps>(output, inputs, count, std::make_index_sequence<arity>{}),
                 true)
              : false) ||
         ...);
}

}  // namespace elementwise_detail

// Function::apply(x, y, ...) takes and gives numbers of one type, float or double; one to three of
// them.
template <class Function, class T, std::size_t arity>
void elementwise_kernel(void* output, const void* const* inputs, unsigned steps, Index count) {
  constexpr unsigned all = (1u << arity) - 1;
  if (count == 0) return;
  if (steps == all) {
    elementwise_detail::loop<Function, T, all>(static_cast<T*>(output), inputs, count,
                                               std::make_index_sequence<arity>{});
  } else {
    elementwise_detail::dispatch<Function, T, arity>(static_cast<T*>(output), inputs, steps, count,
                                                     std::make_integer_sequence<unsigned, all>{});
  }
}

// The addition of two or three inputs.
ElementwiseKernel sum_kernel(std::size_t arity, Dtype dtype);

}  // namespace tapegrad
