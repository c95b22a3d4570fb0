// Products and quotients for gradients, where the incoming gradient decides: 0 says that the result
// was not chosen, or did not count, and then the factor must not matter, even if it is infinite or
// NaN. docs/accuracy.md has the rules.
#pragma once

namespace tapegrad {

// g·f; 0 where g is 0.
template <class T>
T guarded(T g, T f) {
  return g == T{0} ? T{0} : g * f;
}

// g/x; 0 where g is 0.
template <class T>
T guarded_ratio(T g, T x) {
  return g == T{0} ? T{0} : g / x;
}

// x·y; 0 where either is 0: for a gradient that is a product with a share, such as a probability,
// which may be 0 behind a mask.
template <class T>
T guarded_by_both(T x, T y) {
  return x == T{0} || y == T{0} ? T{0} : x * y;
}

}  // namespace tapegrad
