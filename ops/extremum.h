// What maximum and minimum share: which of two numbers is chosen, and who gets the gradient.
#pragma once

#include <tapegrad/ops/guarded.h>

namespace tapegrad {

// y where Beats()(y, x) holds, such as std::greater<>, else x. A NaN is always taken.
template <class Beats>
struct Extremum {
  template <class T>
  static T apply(T x, T y) {
    return Beats()(y, x) || y != y ? y : x;
  }
};

// The gradients go to what was chosen, by selection: what was not chosen gets 0, whatever the incoming gradient is. The gradient
// of a NaN is NaN.
template <class Beats>
struct ExtremumToFirst {
  template <class T>
  static T apply(T gradient, T x, T y) {
    return Beats()(y, x) || y != y ? (x != x ? guarded(gradient, x) : T{0}) : guarded(gradient, x == x ? T{1} : x);
  }
};
template <class Beats>
struct ExtremumToSecond {
  template <class T>
  static T apply(T gradient, T x, T y) {
    return Beats()(y, x) ? gradient : (y != y ? guarded(gradient, y) : T{0});
  }
};

}  // namespace tapegrad
