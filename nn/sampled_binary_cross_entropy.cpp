#include <tapegrad/nn/sampled_binary_cross_entropy.h>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/nn/mean_of_rows.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

Tensor sampled_binary_cross_entropy(const Located& positive, const Located& negatives,
                                    const Tensor& row_weights) {
  const auto at = [&](const Tensor& tensor) { return Located(tensor, positive.line); };
  const Shape& shape = negatives.shape();
  if (shape.rank() != 2 || positive.shape() != Shape{shape[0]}) {
    throw ShapeError(
        fmt::format("sampled_binary_cross_entropy: takes logits [n] and [n, k], got {} and {}; {}",
                    positive.shape().to_string(), shape.to_string(),
                    positive.tensor.tape().place({&positive.tensor, 1}, positive.line)));
  }
  return mean_of_rows("sampled_binary_cross_entropy",
                      at(softplus(at(-positive)) + sum(at(softplus(negatives)), {-1})),
                      row_weights);
}

}  // namespace tapegrad::nn
