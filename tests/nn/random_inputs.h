// Inputs of many steps.
#pragma once

#include <vector>

#include <tapegrad/graph/array.h>
#include <tapegrad/graph/random.h>

namespace nn_test {

// `count` arrays of one shape, uniform in [-1, 1), the same at every call.
inline std::vector<tapegrad::Array> random_inputs(tapegrad::Index count,
                                                  const tapegrad::Shape& shape) {
  tapegrad::Random random(11);
  std::vector<tapegrad::Array> inputs;
  for (tapegrad::Index i = 0; i < count; ++i) {
    tapegrad::Array& array = inputs.emplace_back(shape);
    for (tapegrad::Index k = 0; k < array.size(); ++k) array.set(k, random.uniform(-1.0, 1.0));
  }
  return inputs;
}

}  // namespace nn_test
