#include <tapegrad/nn/initialisers.h>

#include <cmath>

namespace tapegrad::nn {
namespace {

struct Fans {
  double in = 1.0, out = 1.0;
};

Fans fans_of(const Shape& shape) {
  if (shape.rank() < 2) return {static_cast<double>(shape.size()), static_cast<double>(shape.size())};
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
