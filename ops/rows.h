// Arithmetic on rows that several kernels share, in a fixed order that vectorises.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include <tapegrad/graph/sums.h>
#include <tapegrad/ops/operations.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad::rows {

// The largest x of a row, for Σ e^(x - largest); -inf for an empty row. If that is finite, a NaN in
// the row is passed over here and makes the sum NaN; if not, the result is the NaN. A test of every
// number for NaN would take longer than the rest.
template <class T>
T largest(const T* row, Index count) {
  constexpr Index lanes = 16;
  constexpr T lowest = -std::numeric_limits<T>::infinity();
  const auto larger = [](T x, T best) { return x > best ? x : best; };
  T best[lanes], rest = lowest;
  for (T& lane : best) lane = lowest;
  const Index whole = count - count % lanes;
  for (Index i = 0; i < whole; i += lanes) {
    for (Index j = 0; j < lanes; ++j) best[j] = larger(row[i + j], best[j]);
  }
  for (Index i = whole; i < count; ++i) rest = larger(row[i], rest);
  for (Index width = lanes / 2; width > 0; width /= 2) {
    for (Index j = 0; j < width; ++j) best[j] = larger(best[j + width], best[j]);
  }
  const T top = larger(rest, best[0]);
  if (std::isfinite(top)) return top;
  const T* const nan = std::find_if(row, row + count, [](T x) { return std::isnan(x); });
  return nan == row + count ? top : *nan;
}

template <class T>
double total(const T* row, Index count) {
  return sum_of<T>(count, [row](Index i) { return row[i]; });
}

// log Σ eˣ as a sum of two numbers, which must be subtracted one after the other: where the largest
// x is large, it absorbs the logarithm.
template <class T>
struct LogSumExp {
  T top = 0;      // the largest x
  T log_sum = 0;  // log Σ e^(x - top), within [0, log of the row's length]

  LogSumExp() = default;
  LogSumExp(const T* row, Index count) : top(largest(row, count)) {
    const T shift = top;
    const double sum =
        sum_of<T>(count, [row, shift](Index i) { return vector_math::exp(row[i] - shift); });
    log_sum = static_cast<T>(std::log(sum));
  }
  // x - log Σ eˣ.
  T log_share(T x) const { return (x - top) - log_sum; }
  // -inf for an empty row and for one of -inf only, inf if that is the largest.
  T value() const { return std::isinf(top) ? top : top + log_sum; }
};

// to = eˣ / Σ eˣ of a row x whose largest number is `top`.
template <class T>
void softmax(const T* row, Index count, T top, T* __restrict to) {
  for (Index c = 0; c < count; ++c) to[c] = vector_math::exp(row[c] - top);
  const T share = static_cast<T>(1.0 / total(to, count));
  for (Index c = 0; c < count; ++c) to[c] *= share;
}

// What works on the last axis, on another one.
template <class Function>
Tensor along_axis(const Located& x, int axis, const Function& function) {
  const int rank = x.shape().rank();
  const int counted = axis < 0 ? axis + rank : axis;
  if (rank == 0 || counted == rank - 1) return function(x);
  check_axis(x, axis);
  std::vector<int> order(static_cast<std::size_t>(rank));
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[static_cast<std::size_t>(x.shape().normalised(axis))],
            order[static_cast<std::size_t>(rank) - 1]);
  const Tensor turned = function({transpose(x, order), x.line});
  return transpose({turned, x.line}, order);
}

}  // namespace tapegrad::rows
