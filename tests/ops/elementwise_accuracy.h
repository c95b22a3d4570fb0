// Measures elementwise functions of one input against the standard library in long double.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "elementwise_functions.h"

namespace ops_test {

struct Accuracy {
  double worst = 0.0;  // in units, see Bound
  double worst_at = 0.0;
  int cells = 0;
  std::vector<std::string> wrong;  // special values that are not what they should be
};

// Denormal numbers count as zeros while a plan runs.
template <class T>
T flushed(T x) {
  return std::abs(x) < std::numeric_limits<T>::min() ? std::copysign(T{0}, x) : x;
}

// The distance between neighbouring numbers of T at |x|.
template <class T>
Real unit_at(Real x) {
  const int exponent = std::max(std::ilogb(x), std::numeric_limits<T>::min_exponent - 1);
  return std::ldexp(Real{1}, exponent - std::numeric_limits<T>::digits + 1);
}

// Results below this many of the smallest normal number may be 0: a factor of theirs may have been
// denormal.
inline constexpr Real flushed_below = 128;

template <class T>
void compare(Accuracy& accuracy, T x, T got, Real exact, Real unit) {
  ++accuracy.cells;
  using Limits = std::numeric_limits<T>;
  const auto wrong = [&] {
    accuracy.wrong.push_back(fmt::format("at {}: {}, not {}", x, got, static_cast<double>(exact)));
  };
  const Real largest = static_cast<Real>(Limits::max()),
             smallest = static_cast<Real>(Limits::min());
  if (std::isnan(exact)) {
    if (!std::isnan(got)) wrong();
  } else if (std::isinf(static_cast<T>(exact))) {
    if (got != static_cast<T>(exact)) wrong();
  } else if (std::abs(exact) < flushed_below * smallest) {
    if (!(std::abs(static_cast<Real>(got)) <= std::max(smallest, 2 * std::abs(exact)))) wrong();
  } else if (!std::isfinite(got)) {
    // Just below the largest number an error of a unit may overflow.
    if (!(std::abs(exact) > largest * (1 - 8 * static_cast<Real>(Limits::epsilon())))) wrong();
  } else {
    // A part of the result may have been denormal.
    const Real distance = std::max(Real{0}, std::abs(static_cast<Real>(got) - exact) - smallest);
    const Real error = distance / unit_at<T>(std::max(std::abs(exact), unit));
    if (static_cast<double>(error) <= accuracy.worst) return;
    accuracy.worst = static_cast<double>(error);
    accuracy.worst_at = static_cast<double>(x);
  }
}

struct FunctionAccuracy {
  Accuracy value, gradient;
};

template <class T>
FunctionAccuracy measure(const ElementwiseFunction& function, const std::vector<T>& points) {
  const auto count = static_cast<tg::Index>(points.size());
  tg::Tape tape({.dtype = tg::dtype_of<T>});
  const tg::Tensor x = tape.input(std::span<const T>(points), {count});
  const tg::Tensor y = function.apply(x);
  const tg::Tensor slope = tg::gradient(tg::sum(y), x);
  const auto values = y.values<T>(), slopes = slope.values<T>();
  FunctionAccuracy result;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Real at = static_cast<Real>(flushed(points[i]));
    compare(result.value, points[i], values[i], function.value(at), function.value_bound.unit);
    compare(result.gradient, points[i], slopes[i], function.derivative(at),
            function.gradient_bound.unit);
  }
  return result;
}

}  // namespace ops_test
