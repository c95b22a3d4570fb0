#include <tapegrad/optim/soft_threshold.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>

namespace tapegrad::optim {
namespace {

template <class T>
void shrink(std::span<T> values, T amount) {
  for (T& value : values) value = std::copysign(std::max(std::abs(value) - amount, T{0}), value);
}

}  // namespace

void soft_threshold(Parameters& parameters, double amount) {
  if (!(amount >= 0.0 && std::isfinite(amount)))
    throw ValueError(fmt::format(
        "soft_threshold: the amount must be a number that is not negative, got {}", amount));
  for (Parameter& parameter : parameters) {
    if (parameter.frozen()) continue;
    Array& value = parameter.mutable_value();
    if (parameter.dtype() == Dtype::float32)
      shrink(value.values<float>(), static_cast<float>(amount));
    else
      shrink(value.values<double>(), amount);
  }
}

}  // namespace tapegrad::optim
