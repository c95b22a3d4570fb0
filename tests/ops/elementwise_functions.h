// The elementwise functions of one input beside the standard library's, for the tests and for the
// program that writes docs/accuracy.md.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tapegrad/graph/random.h>
#include <tapegrad/ops/operations.h>

namespace ops_test {

namespace tg = tapegrad;
using Real = long double;

// Errors are in units in the last place of the exact result, or of `unit` where that is larger:
// some derivatives cross 0, and some are computed from an output that is close to 1.
struct Bound {
  double single, wide;  // units, of float and of double
  Real unit = 0;
};

struct ElementwiseFunction {
  std::string_view name;
  tg::Tensor (*apply)(const tg::Tensor&);
  Real (*value)(Real);
  Real (*derivative)(Real);
  Bound value_bound, gradient_bound;
};

inline Real logistic(Real x) { return 1 / (1 + std::exp(-x)); }
inline Real logistic_slope(Real x) {
  const Real e = std::exp(-std::abs(x));
  return e / ((1 + e) * (1 + e));
}
inline Real normal_density(Real x) { return std::exp(-x * x / 2) * 0.39894228040143267794L; }
inline Real normal_distribution(Real x) { return std::erfc(-x * std::sqrt(0.5L)) / 2; }
// Limits where the formula would be ∞·0.
inline Real product_at_infinity(Real x, Real f) { return f == 0 ? 0 : x * f; }

inline std::vector<ElementwiseFunction> elementwise_functions() {
  using T = const tg::Tensor&;
  return {
      {"negate",
       [](T x) { return tg::negate(x); },
       [](Real x) { return -x; },
       [](Real) { return Real{-1}; },
       {0.5, 0.5},
       {0.5, 0.5}},
      {"exp",
       [](T x) { return tg::exp(x); },
       [](Real x) { return std::exp(x); },
       [](Real x) { return std::exp(x); },
       {2, 1},
       {2, 1}},
      {"log",
       [](T x) { return tg::log(x); },
       [](Real x) { return std::log(x); },
       [](Real x) { return 1 / x; },
       {2, 1},
       {1, 1}},
      {"log1p",
       [](T x) { return tg::log1p(x); },
       [](Real x) { return std::log1p(x); },
       [](Real x) { return 1 / (1 + x); },
       {4, 1},
       {2, 2}},
      {"sqrt",
       [](T x) { return tg::sqrt(x); },
       [](Real x) { return std::sqrt(x); },
       [](Real x) { return 1 / (2 * std::sqrt(x)); },
       {1, 1},
       {2, 2}},
      {"rsqrt",
       [](T x) { return tg::rsqrt(x); },
       [](Real x) { return 1 / std::sqrt(x); },
       [](Real x) {
         const Real y = 1 / std::sqrt(x);
         return -y * y * y / 2;
       },
       {2, 2},
       {6, 6}},
      {"abs",
       [](T x) { return tg::abs(x); },
       [](Real x) { return std::abs(x); },
       [](Real x) { return x > 0   ? Real{1}
                           : x < 0 ? Real{-1}
                                   : x; },
       {0.5, 0.5},
       {0.5, 0.5}},
      {"sign",
       [](T x) { return tg::sign(x); },
       [](Real x) { return x > 0   ? Real{1}
                           : x < 0 ? Real{-1}
                                   : x; },
       [](Real) { return Real{0}; },
       {0.5, 0.5},
       {0.5, 0.5}},
      {"square",
       [](T x) { return tg::square(x); },
       [](Real x) { return x * x; },
       [](Real x) { return 2 * x; },
       {0.6, 0.6},
       {0.6, 0.6}},
      {"reciprocal",
       [](T x) { return tg::reciprocal(x); },
       [](Real x) { return 1 / x; },
       [](Real x) { return -1 / (x * x); },
       {1, 1},
       {3, 3}},
      {"sin",
       [](T x) { return tg::sin(x); },
       [](Real x) { return std::sin(x); },
       [](Real x) { return std::cos(x); },
       {1, 1},
       {1, 1}},
      {"cos",
       [](T x) { return tg::cos(x); },
       [](Real x) { return std::cos(x); },
       [](Real x) { return -std::sin(x); },
       {1, 1},
       {1, 1}},
      {"erf",
       [](T x) { return tg::erf(x); },
       [](Real x) { return std::erf(x); },
       [](Real x) { return 1.12837916709551257390L * std::exp(-x * x); },
       {3, 1},
       {4, 3}},
      {"sigmoid", [](T x) { return tg::sigmoid(x); }, logistic, logistic_slope, {4, 2}, {2, 2, 1}},
      {"tanh",
       [](T x) { return tg::tanh(x); },
       [](Real x) { return std::tanh(x); },
       [](Real x) {
         const Real c = 1 / std::cosh(x);
         return c * c;
       },
       {5, 2},
       {8, 2, 1}},
      {"relu",
       [](T x) { return tg::relu(x); },
       [](Real x) { return x > 0    ? x
                           : x <= 0 ? Real{0}
                                    : x; },
       [](Real x) { return x > 0    ? Real{1}
                           : x <= 0 ? Real{0}
                                    : x; },
       {0.5, 0.5},
       {0.5, 0.5}},
      {"leaky_relu, slope 1/4",
       [](T x) { return tg::leaky_relu(x, 0.25); },
       [](Real x) { return x > 0 ? x : x / 4; },
       [](Real x) { return x > 0    ? Real{1}
                           : x <= 0 ? Real{0.25L}
                                    : x; },
       {0.5, 0.5},
       {0.5, 0.5}},
      {"leaky_relu, slope 0",
       [](T x) { return tg::leaky_relu(x, 0.0); },
       [](Real x) { return x > 0    ? x
                           : x <= 0 ? Real{0}
                                    : x; },
       [](Real x) { return x > 0    ? Real{1}
                           : x <= 0 ? Real{0}
                                    : x; },
       {0.5, 0.5},
       {0.5, 0.5}},
      {"elu",
       [](T x) { return tg::elu(x); },
       [](Real x) { return x > 0 ? x : std::expm1(x); },
       [](Real x) { return x > 0 ? Real{1} : std::exp(x); },
       {2, 1},
       {2, 1}},
      {"gelu",
       [](T x) { return tg::gelu(x); },
       [](Real x) { return product_at_infinity(x, normal_distribution(x)); },
       [](Real x) {
         return std::isnan(x) ? x
                              : normal_distribution(x) + product_at_infinity(x, normal_density(x));
       },
       {12, 80},
       {16, 80, 0.125L}},
      {"silu",
       [](T x) { return tg::silu(x); },
       [](Real x) { return product_at_infinity(x, logistic(x)); },
       [](Real x) {
         return x < -20000 ? Real{0} : logistic(x) * (1 + product_at_infinity(x, logistic(-x)));
       },
       {5, 3},
       {8, 4, 0.125L}},
      {"softplus",
       [](T x) { return tg::softplus(x); },
       [](Real x) {
         return std::isnan(x) ? x : std::max(x, Real{0}) + std::log1p(std::exp(-std::abs(x)));
       },
       logistic,
       {4, 2},
       {4, 2}},
      {"clamp to [-1, 2]",
       [](T x) { return tg::clamp(x, -1.0, 2.0); },
       [](Real x) { return x < -1  ? Real{-1}
                           : x > 2 ? Real{2}
                                   : x; },
       [](Real x) { return std::isnan(x)       ? x
                           : x >= -1 && x <= 2 ? Real{1}
                                               : Real{0}; },
       {0.5, 0.5},
       {0.5, 0.5}},
      {"power 2",
       [](T x) { return tg::power(x, 2.0); },
       [](Real x) { return x * x; },
       [](Real x) { return 2 * x; },
       {1, 1},
       {2, 2}},
      {"power 3",
       [](T x) { return tg::power(x, 3.0); },
       [](Real x) { return x * x * x; },
       [](Real x) { return 3 * x * x; },
       {1, 1},
       {2, 2}},
      {"power -1",
       [](T x) { return tg::power(x, -1.0); },
       [](Real x) { return 1 / x; },
       [](Real x) { return -1 / (x * x); },
       {1, 1},
       {2, 2}},
      {"power 1/2",
       [](T x) { return tg::power(x, 0.5); },
       [](Real x) { return std::pow(x, 0.5L); },
       [](Real x) { return 0.5L * std::pow(x, -0.5L); },
       {1, 1},
       {2, 2}},
      {"power 0",
       [](T x) { return tg::power(x, 0.0); },
       [](Real) { return Real{1}; },
       [](Real) { return Real{0}; },
       {0.5, 0.5},
       {0.5, 0.5}},
  };
}

// Zeros, denormal, tiny, huge and infinite numbers, and NaN.
template <class T>
std::vector<T> special_values() {
  using Limits = std::numeric_limits<T>;
  const T positive[] = {T{0},
                        Limits::denorm_min(),
                        Limits::min() / 2,
                        Limits::min(),
                        Limits::min() * 4,
                        Limits::epsilon(),
                        static_cast<T>(1e-6),
                        T{0.5F},
                        T{1},
                        T{2},
                        T{10},
                        T{88},
                        T{1e4F},
                        T{1e8F},
                        static_cast<T>(1e30),
                        Limits::max() / 4,
                        Limits::max(),
                        Limits::infinity()};
  std::vector<T> values{Limits::quiet_NaN()};
  for (const T x : positive) {
    values.push_back(x);
    values.push_back(-x);
  }
  return values;
}

// Everyday numbers of all sizes, of both signs.
template <class T>
std::vector<T> everyday_values(int count, std::uint64_t seed) {
  tg::Random random(seed);
  std::vector<T> values;
  for (int i = 0; i < count; ++i) {
    const double size =
        i % 2 == 0 ? std::exp(random.uniform(-14.0, 4.5)) : random.uniform(0.0, 20.0);
    values.push_back(static_cast<T>(random.uniform(0.0, 1.0) < 0.5 ? -size : size));
  }
  return values;
}

}  // namespace ops_test
