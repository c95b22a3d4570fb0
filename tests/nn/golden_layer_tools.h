// Layers beside the golden files' numbers.
#pragma once

#include "../golden/golden.h"

#include <algorithm>

#include <tapegrad/nn/nn.h>
#include <tapegrad/ops/operations.h>

namespace golden {

// "out_proj/weight" as PyTorch calls it.
inline std::string dotted(std::string name) {
  std::ranges::replace(name, '/', '.');
  return name;
}

inline void check_gradients(const Golden& file, const std::string& prefix,
                            const tg::Parameters& parameters, const tg::Gradients& gradients) {
  CHECK(gradients.size() == parameters.size());
  for (const tg::Parameter& parameter : parameters)
    file.check(prefix + ".gradient." + parameter.name(), gradients.at(parameter));
}

// A loss whose weights are the golden file's, checked with the gradient of its input and of the
// parameters.
template <class Layer>
void check_layer(const Golden& file, const std::string& prefix, const tg::Parameters& parameters,
                 const Layer& layer) {
  CAPTURE(prefix);
  tg::Parameters inputs;
  const tg::Array value = file[prefix + ".x"];
  const tg::Parameter& x =
      inputs.add("x", value.shape(), [&](tg::Array& array, tg::Random&) { array = value; });
  tg::Tape tape;
  const tg::Tensor y = layer(tape(x));
  file.check(prefix + ".y", y.copy());
  const tg::Gradients gradients = tg::backward(tg::sum(y * tape.input(file[prefix + ".weight"])));
  file.check(prefix + ".x_gradient", gradients.at(x));
  for (const tg::Parameter& parameter : parameters)
    file.check(prefix + ".gradient." + dotted(parameter.name()), gradients.at(parameter));
}

}  // namespace golden
