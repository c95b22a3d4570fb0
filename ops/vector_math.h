// Elementary functions for kernels. The float versions are free of branches and calls, and always
// inlined, so that loops over them vectorise; the double versions are the C library's.
// docs/accuracy.md lists the error of each. Denormal numbers count as zeros, as they do while a
// plan runs.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace tapegrad::vector_math {

// A denormal number as the zero that it counts as: the C library's functions look at its bits
// instead.
template <class T>
T flushed(T x) {
  return std::abs(x) < std::numeric_limits<T>::min() ? std::copysign(T{0}, x) : x;
}

// x = n·log 2 + r with |r| ≤ ½ log 2.
struct ExpParts {
  std::uint32_t n;  // an integer in two's complement
  float r;
  float minus_one;  // eʳ - 1, by a polynomial. Source: Cephes, expf.

  // 2ⁿ, for n within [-126, 127].
  float scale() const { return std::bit_cast<float>((n << 23) + 0x3f800000u); }
};

// x must be within [-88, 89] or NaN; then all parts but n are NaN.
[[gnu::always_inline]] inline ExpParts exp_parts(float x) {
  // Adding 1.5·2²³ rounds to an integer, which then stands in the low bits.
  constexpr float magic = 12582912.0F;
  const float shifted = x * 1.44269504088896341F + magic;
  const float n = shifted - magic;
  const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  return {std::bit_cast<std::uint32_t>(shifted) - std::bit_cast<std::uint32_t>(magic), r,
          p * r * r + r};
}

// Bounds of the arguments whose exponential is a normal number.
inline constexpr float exp_lowest = -87.33654F;
inline constexpr float exp_highest = 88.72283F;

// eˣ; 0 where it would be denormal.
[[gnu::always_inline]] inline float exp(float x) {
  const float limited = x > exp_highest ? exp_highest : (x < exp_lowest ? exp_lowest : x);
  const ExpParts parts = exp_parts(limited);
  // 2ⁿ in two factors: n may be 128, which one float's exponent does not hold.
  const std::uint32_t half = (parts.n + 128u) >> 1;
  const std::uint32_t rest = parts.n + 128u - half;
  const float value = (parts.minus_one + 1.0F) * std::bit_cast<float>((half + 63u) << 23) *
                      std::bit_cast<float>((rest + 63u) << 23);
  return x > exp_highest ? std::numeric_limits<float>::infinity() : (x < exp_lowest ? 0.0F : value);
}
inline double exp(double x) { return std::exp(x); }

// eˣ - 1 for x ≤ 0, without cancellation near 0.
[[gnu::always_inline]] inline float expm1_of_negative(float x) {
  const float limited = x < -87.0F ? -87.0F : x;
  const ExpParts parts = exp_parts(limited);
  const float scale = parts.scale();
  const float value = scale * parts.minus_one + (scale - 1.0F);
  return x == 0.0F ? x : value;
}
inline double expm1_of_negative(double x) { return std::expm1(x); }

// Natural logarithm; -inf at 0, NaN below. Source of the polynomial: Cephes, logf.
[[gnu::always_inline]] inline float log(float x) {
  // x = 2^e·(1 + m) with 1 + m within [√½, √2), by arithmetic on the bits.
  constexpr std::uint32_t root_half = 0x3f3504f3, one = 0x3f800000;
  const std::uint32_t shifted = std::bit_cast<std::uint32_t>(x) + (one - root_half);
  const float e = static_cast<float>((std::bit_cast<std::int32_t>(shifted) >> 23) - 127);
  const float m = std::bit_cast<float>((shifted & 0x007fffffu) + root_half) - 1.0F;
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
  const float value = m * z * p - 2.12194440e-4F * e - 0.5F * z + m + 0.693359375F * e;
  // One choice after the other: the compiler turns each into a blend.
  using Limits = std::numeric_limits<float>;
  const float up_to_infinity = x > Limits::max() ? Limits::infinity() : value;
  const float from_zero = x < Limits::min() ? -Limits::infinity() : up_to_infinity;
  const float real = x <= -Limits::min() ? Limits::quiet_NaN() : from_zero;
  return x != x ? x : real;
}
inline double log(double x) { return std::log(flushed(x)); }

// log(1 + x). Source: Kahan's correction of the rounding of 1 + x, in Higham, "Accuracy and
// Stability of Numerical Algorithms", 2002, section 1.14.1.
[[gnu::always_inline]] inline float log1p(float x) {
  const float u = 1.0F + x;
  const float value = log(u) * (x / (u - 1.0F));
  const float finite = u == 1.0F ? x : value;
  return x > std::numeric_limits<float>::max() ? x : finite;
}
inline double log1p(double x) { return std::log1p(x); }

// Hyperbolic tangent: a rational function of x on [-7.9, 7.9]. Source: Eigen 3's ptanh.
[[gnu::always_inline]] inline float tanh(float x) {
  constexpr float bound = 7.90531110763549805F;
  const float limited = x > bound ? bound : (x < -bound ? -bound : x);
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
  // Near 0 the result is x, and beyond the bound it rounds to ±1, or to a neighbour of it.
  const float value = z < 1.6e-7F ? x : limited * p / q;
  return x > bound ? 1.0F : (x < -bound ? -1.0F : value);
}
inline double tanh(double x) { return std::tanh(x); }

// 1 / (1 + e⁻ˣ); 0 where it would be denormal.
[[gnu::always_inline]] inline float sigmoid(float x) {
  const float limited = x > -exp_lowest ? -exp_lowest : (x < exp_lowest ? exp_lowest : x);
  const ExpParts parts = exp_parts(-limited);
  const float value = 1.0F / (1.0F + (parts.minus_one + 1.0F) * parts.scale());
  return x < exp_lowest ? 0.0F : value;
}
inline double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

// log(1 + eˣ) without overflow.
template <class T>
[[gnu::always_inline]] inline T softplus(T x) {
  return (x > T{0} ? x : T{0}) + log1p(exp(-std::abs(x)));
}

// exp(-scale·x²) for a scale of 1 or ½, without the error of x², which the exponential would
// enlarge: x² = h² + (x - h)(x + h), h being x with so few bits that its square is exact.
[[gnu::always_inline]] inline float gaussian(float x, float scale) {
  const float magnitude = std::abs(x);
  const float a = magnitude > 16.0F ? 16.0F : magnitude;
  const float h = std::bit_cast<float>(std::bit_cast<std::uint32_t>(a) & 0xfffff000u);
  const float s = scale * ((a - h) * (a + h));
  const float rest =
      1.0F - s * (1.0F - s * (1.0F / 2 - s * (1.0F / 6 - s * (1.0F / 24 - s * (1.0F / 120)))));
  return exp(-scale * (h * h)) * rest;
}
inline double gaussian(double x, double scale) {
  const double a = std::abs(x) > 64.0 ? 64.0 : x;
  const double h = std::bit_cast<double>(std::bit_cast<std::uint64_t>(a) & 0xfffffffff8000000u);
  return std::exp(-scale * (h * h)) * std::exp(-scale * ((a - h) * (a + h)));
}

// 1 - erf(x + low), for a low part within the rounding of x; relatively accurate in the tail. (1 +
// 2a)·exp(a²)·erfc(a), a = |x|, is a polynomial of (a - 2)/(a + 2) with an error of 10⁻⁸. Source of
// the form: Shepherd and Laframboise, Mathematics of Computation 36, 1981; the coefficients are
// minimax ones.
[[gnu::always_inline]] inline float erfc(float x, float low = 0.0F) {
  const float magnitude = std::abs(x);
  const float a = magnitude > 9.4F ? 9.4F : magnitude;
  const float t = (a - 2.0F) / (a + 2.0F);
  float p = -4.075453414e-4F;
  p = p * t - 1.241961498e-3F;
  p = p * t + 1.314485546e-3F;
  p = p * t + 8.641262115e-3F;
  p = p * t - 8.058087357e-3F;
  p = p * t - 5.420672903e-2F;
  p = p * t + 1.640548549e-1F;
  p = p * t - 1.660312206e-1F;
  p = p * t - 9.276395571e-2F;
  p = p * t + 1.276978391F;
  const float slope = 1.12837917F * (x < 0.0F ? -low : low);
  const float tail = gaussian(a, 1.0F) * (p / (1.0F + 2.0F * a) - slope);
  return x < 0.0F ? 2.0F - tail : tail;
}
inline double erfc(double x, double low = 0.0) {
  return std::erfc(x) - 1.1283791670955126 * gaussian(x, 1.0) * low;
}

// The error function. Near 0 an odd polynomial, whose coefficients are minimax ones, since 1 -
// erfc(x) would cancel.
[[gnu::always_inline]] inline float erf(float x) {
  const float magnitude = std::abs(x);
  const float limited = magnitude > 1.0F ? 1.0F : magnitude;
  const float z = limited * limited;
  float p = 7.853861925e-5F;
  p = p * z - 8.010193752e-4F;
  p = p * z + 5.188327694e-3F;
  p = p * z - 2.685381194e-2F;
  p = p * z + 1.128358515e-1F;
  p = p * z - 3.761262582e-1F;
  p = p * z + 1.128379166F;
  const float far = 1.0F - erfc(magnitude);
  return magnitude < 0.9F ? x * p : (x < 0.0F ? -far : far);
}
inline double erf(double x) { return std::erf(x); }

// The distribution function of the standard normal distribution. The rounding of x/√2 would be
// enlarged in the tail, so it is passed on.
[[gnu::always_inline]] inline float normal_distribution(float x) {
  // The rounding of infinity would be NaN.
  const float limited = x < -40.0F ? -40.0F : (x > 40.0F ? 40.0F : x);
  const double exact = static_cast<double>(limited) * -0.70710678118654752;
  const auto z = static_cast<float>(exact);
  return 0.5F * erfc(z, static_cast<float>(exact - static_cast<double>(z)));
}
inline double normal_distribution(double x) {
  constexpr double high = -0.70710678118654752, low = 4.8336466567264567e-17;  // -1/√2
  const double limited = x < -40.0 ? -40.0 : (x > 40.0 ? 40.0 : x);
  const double z = limited * high;
  return 0.5 * erfc(z, std::fma(limited, high, -z) + limited * low);
}
// Its density.
template <class T>
[[gnu::always_inline]] inline T normal_density(T x) {
  return static_cast<T>(0.39894228040143268) * gaussian(x, T{0.5});
}

}  // namespace tapegrad::vector_math
