// Arithmetic on rows that several kernels share, in a fixed order that vectorises.
#pragma once

#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include <tapegrad/ops/operations.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad::rows {

template <class T>
T largest(const T* row, Index count) {
  T lanes[16];
  for (T& lane : lanes) lane = -std::numeric_limits<T>::infinity();
  Index i = 0;
  for (; i + 16 <= count; i += 16) {
    for (Index j = 0; j < 16; ++j) lanes[j] = row[i + j] > lanes[j] ? row[i + j] : lanes[j];
  }
  T result = lanes[0];
  for (const T lane : lanes) result = lane > result ? lane : result;
  for (; i < count; ++i) result = row[i] > result ? row[i] : result;
  return result;
}

// Σ f(i).
template <class T, class Function>
T sum_of(Index count, const Function& f) {
  T lanes[16] = {};
  Index i = 0;
  for (; i + 16 <= count; i += 16) {
    for (Index j = 0; j < 16; ++j) lanes[j] += f(i + j);
  }
  T rest = 0;
  for (; i < count; ++i) rest += f(i);
  for (Index width = 8; width > 0; width /= 2) {
    for (Index j = 0; j < width; ++j) lanes[j] += lanes[j + width];
  }
  return lanes[0] + rest;
}

template <class T>
T total(const T* row, Index count) {
  return sum_of<T>(count, [row](Index i) { return row[i]; });
}

template <class T>
T dot(const T* left, const T* right, Index count) {
  return sum_of<T>(count, [left, right](Index i) { return left[i] * right[i]; });
}

// log Σ eˣ; -inf for an empty row and for one of -inf only.
template <class T>
T log_sum_exp(const T* row, Index count) {
  const T top = largest(row, count);
  if (top == -std::numeric_limits<T>::infinity()) return top;
  return top + vector_math::log(sum_of<T>(count, [row, top](Index i) { return vector_math::exp(row[i] - top); }));
}

// What works on the last axis, on another one.
template <class Function>
Tensor along_axis(const Located& x, int axis, const Function& function) {
  const int rank = x.shape().rank();
  const int counted = axis < 0 ? axis + rank : axis;
  if (rank == 0 || counted == rank - 1) return function(x);
  std::vector<int> order(static_cast<std::size_t>(rank));
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[static_cast<std::size_t>(x.shape().normalised(axis))], order[static_cast<std::size_t>(rank) - 1]);
  const Tensor turned = function({transpose(x, order), x.line});
  return transpose({turned, x.line}, order);
}

}  // namespace tapegrad::rows
