#include <tapegrad/nn/mean_of_rows.h>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

Tensor mean_of_rows(const char* name, const Located& losses, const Tensor& row_weights) {
  if (!row_weights) return mean(losses);
  if (row_weights.shape() != losses.shape())
    throw ShapeError(fmt::format("{}: takes row weights {}, got {}; {}", name,
                                 losses.shape().to_string(), row_weights.shape().to_string(),
                                 losses.tensor.tape().place({&losses.tensor, 1}, losses.line)));
  return mean({losses.tensor * row_weights, losses.line});
}

}  // namespace tapegrad::nn
