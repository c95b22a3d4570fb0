#include <tapegrad/nn/initialisers.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>

namespace tapegrad::nn {
namespace {

struct Fans {
  double in = 1.0, out = 1.0;
};

Fans fans_of(const Shape& shape) {
  if (shape.rank() < 2)
    return {static_cast<double>(shape.size()), static_cast<double>(shape.size())};
  return {static_cast<double>(shape.product(1, shape.rank())), static_cast<double>(shape[0])};
}

void fill_uniform(Array& array, Random& random, double low, double high) {
  for (Index i = 0; i < array.size(); ++i) array.set(i, random.uniform(low, high));
}

}  // namespace

Initialiser zeros() { return constant(0.0); }

Initialiser constant(double value) {
  return [value](Array& array, Random&) {
    for (Index i = 0; i < array.size(); ++i) array.set(i, value);
  };
}

Initialiser uniform(double low, double high) {
  return [low, high](Array& array, Random& random) { fill_uniform(array, random, low, high); };
}

Initialiser normal(double mean, double deviation) {
  return [mean, deviation](Array& array, Random& random) {
    for (Index i = 0; i < array.size(); ++i) array.set(i, mean + deviation * random.normal());
  };
}

Initialiser xavier_uniform(double gain) {
  return [gain](Array& array, Random& random) {
    const Fans fans = fans_of(array.shape());
    const double bound = gain * std::sqrt(6.0 / (fans.in + fans.out));
    fill_uniform(array, random, -bound, bound);
  };
}

Initialiser xavier_normal(double gain) {
  return [gain](Array& array, Random& random) {
    const Fans fans = fans_of(array.shape());
    normal(0.0, gain * std::sqrt(2.0 / (fans.in + fans.out)))(array, random);
  };
}

Initialiser kaiming_normal(double gain) {
  return [gain](Array& array, Random& random) {
    normal(0.0, gain / std::sqrt(fans_of(array.shape()).in))(array, random);
  };
}

Initialiser truncated_normal(double mean, double deviation, double low, double high) {
  if (!(low < high))
    throw ValueError(
        fmt::format("truncated_normal: low must be below high, got {} and {}", low, high));
  return [=](Array& array, Random& random) {
    for (Index i = 0; i < array.size(); ++i) {
      double value = mean + deviation * random.normal();
      while (value < low || value > high) value = mean + deviation * random.normal();
      array.set(i, value);
    }
  };
}

Initialiser orthogonal(double gain) {
  return [gain](Array& array, Random& random) {
    const Index rows = array.shape().rank() < 2 ? 1 : array.shape()[0];
    const Index columns = rows == 0 ? 0 : array.size() / rows;
    if (rows == 0 || columns == 0) return;
    // Columns of normal numbers, made orthogonal one after another (Gram-Schmidt, twice for
    // rounding): uniform among such matrices.
    const Index length = std::max(rows, columns), count = std::min(rows, columns);
    std::vector<double> q(static_cast<std::size_t>(length * count));
    for (double& value : q) value = random.normal();
    const auto column = [&](Index c) {
      return std::span(q).subspan(static_cast<std::size_t>(c * length),
                                  static_cast<std::size_t>(length));
    };
    const auto dot = [](std::span<const double> x, std::span<const double> y) {
      return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
    };
    for (Index c = 0; c < count; ++c) {
      const auto own = column(c);
      for (Index p = 0; p < 2 * c; ++p) {
        const auto before = column(p % c);
        const double along = dot(own, before);
        for (std::size_t i = 0; i < own.size(); ++i) own[i] -= along * before[i];
      }
      const double norm = std::sqrt(dot(own, own));
      for (double& value : own) value /= norm;
    }
    for (Index r = 0; r < rows; ++r) {
      for (Index c = 0; c < columns; ++c)
        array.set(r * columns + c,
                  gain * (rows >= columns ? column(c)[static_cast<std::size_t>(r)]
                                          : column(r)[static_cast<std::size_t>(c)]));
    }
  };
}

Initialiser kaiming_uniform(double gain) {
  return [gain](Array& array, Random& random) {
    const double bound = gain * std::sqrt(3.0 / fans_of(array.shape()).in);
    fill_uniform(array, random, -bound, bound);
  };
}

Initialiser uniform_by_fan(Index fan_in) {
  const double bound = fan_in > 0 ? 1.0 / std::sqrt(static_cast<double>(fan_in)) : 0.0;
  return uniform(-bound, bound);
}

}  // namespace tapegrad::nn
