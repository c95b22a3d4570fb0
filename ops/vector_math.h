// Elementary functions whose float versions vectorise inside of loops; double versions are the C library's.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace tapegrad::vector_math {

// x = n·log 2 + r, and eʳ by a polynomial. Source: Cephes, expf.
struct ExpParts {
  float n, power;
};
inline ExpParts exp_parts(float x) {
  const float n = std::nearbyint(x * 1.44269504088896341F);
  const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  return {n, p * r * r + r + 1.0F};
}

// eˣ within 2 units in the last place.
inline float exp(float x) {
  const float limited = x > 88.72284F ? 88.72284F : (x < -87.33654F ? -87.33654F : x);
  const auto [n, power] = exp_parts(limited);
  // 2ⁿ in two factors: n may be 128, which one float's exponent does not hold.
  const int half = static_cast<int>(n) >> 1;
  const int rest = static_cast<int>(n) - half;
  const float value = power * std::bit_cast<float>((half + 127) << 23) * std::bit_cast<float>((rest + 127) << 23);
  return x > 88.72284F ? std::numeric_limits<float>::infinity() : (x < -87.33654F ? 0.0F : value);
}
inline double exp(double x) { return std::exp(x); }

// Natural logarithm within 2 units in the last place; -inf at 0, NaN below. Source of the polynomial: Cephes, logf.
inline float log(float x) {
  const auto bits = std::bit_cast<std::int32_t>(x);
  int exponent = (bits >> 23) - 126;
  float m = std::bit_cast<float>((bits & 0x007fffff) | 0x3f000000);
  const bool small = m < 0.707106781186547524F;
  exponent = small ? exponent - 1 : exponent;
  m = small ? m + m - 1.0F : m - 1.0F;
  const float z = m * m;
  float p = 7.0376836292e-2F;
  p = p * m - 1.1514610310e-1F;
  p = p * m + 1.1676998740e-1F;
  p = p * m - 1.2420140846e-1F;
  p = p * m + 1.4249322787e-1F;
  p = p * m - 1.6668057665e-1F;
  p = p * m + 2.0000714765e-1F;
  p = p * m - 2.4999993993e-1F;
  p = p * m + 3.3333331174e-1F;
  const float e = static_cast<float>(exponent);
  const float value = m * z * p - 2.12194440e-4F * e - 0.5F * z + m + 0.693359375F * e;
  const float special = x == 0.0F ? -std::numeric_limits<float>::infinity()
                                  : (x > 0.0F ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN());
  // Denormal numbers count as the smallest normal one, as they do when flushed.
  return x >= std::numeric_limits<float>::min() && x <= std::numeric_limits<float>::max() ? value : special;
}
inline double log(double x) { return std::log(x); }

inline float log1p(float x) {
  const float u = 1.0F + x;
  return u == 1.0F ? x : log(u) * (x / (u - 1.0F));
}
inline double log1p(double x) { return std::log1p(x); }

// Hyperbolic tangent within 4 units in the last place: a rational function of x on [-7.9, 7.9]. Source: Eigen 3's ptanh.
inline float tanh(float x) {
  const float limited = x > 7.90531110763549805F ? 7.90531110763549805F : (x < -7.90531110763549805F ? -7.90531110763549805F : x);
  const float z = limited * limited;
  float p = -2.76076847742355e-16F;
  p = p * z + 2.00018790482477e-13F;
  p = p * z - 8.60467152213735e-11F;
  p = p * z + 5.12229709037114e-08F;
  p = p * z + 1.48572235717979e-05F;
  p = p * z + 6.37261928875436e-04F;
  p = p * z + 4.89352455891786e-03F;
  float q = 1.19825839466702e-06F;
  q = q * z + 1.18534705686654e-04F;
  q = q * z + 2.26843463243900e-03F;
  q = q * z + 4.89352518554385e-03F;
  return limited * p / q;
}
inline double tanh(double x) { return std::tanh(x); }

// 1 / (1 + e⁻ˣ); past ±87, where it is 0 or 1 but for 10⁻³⁸, x is limited, so that 2ⁿ is one factor.
inline float sigmoid(float x) {
  const float limited = x > 87.0F ? 87.0F : (x < -87.0F ? -87.0F : x);
  const auto [n, power] = exp_parts(-limited);
  return 1.0F / (1.0F + power * std::bit_cast<float>((static_cast<int>(n) + 127) << 23));
}
inline double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

// log(1 + eˣ) without overflow.
template <class T>
T softplus(T x) {
  const T magnitude = x < T{0} ? -x : x;
  return (x > T{0} ? x : T{0}) + log1p(exp(-magnitude));
}

}  // namespace tapegrad::vector_math
