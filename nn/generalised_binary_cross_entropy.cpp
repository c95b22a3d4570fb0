#include <tapegrad/nn/generalised_binary_cross_entropy.h>

#include <algorithm>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/nn/mean_of_rows.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

Tensor generalised_binary_cross_entropy(const Located& positive, const Located& negatives,
                                        const Tensor& hits, double beta,
                                        const Tensor& row_weights) {
  const auto at = [&](const Tensor& tensor) { return Located(tensor, positive.line); };
  const Shape& shape = negatives.shape();
  if (shape.rank() != 2 || positive.shape() != Shape{shape[0]} || (hits && hits.shape() != shape)) {
    throw ShapeError(fmt::format(
        "generalised_binary_cross_entropy: takes logits [n] and [n, k] and hits [n, k], got {}, {} "
        "and {}; {}",
        positive.shape().to_string(), shape.to_string(), hits ? hits.shape().to_string() : "none",
        positive.tensor.tape().place({&positive.tensor, 1}, positive.line)));
  }
  Tensor others = softplus(negatives);
  if (hits) others = others - at(others) * hits;
  return mean_of_rows("generalised_binary_cross_entropy",
                      at(softplus(at(-positive)) * beta + sum(at(others), {-1})), row_weights);
}

double gbce_beta(Index negatives, Index classes, double calibration) {
  const double alpha = std::min(
      1.0, static_cast<double>(negatives) / static_cast<double>(std::max<Index>(1, classes - 1)));
  return alpha * (calibration * (1.0 - 1.0 / alpha) + 1.0 / alpha);
}

}  // namespace tapegrad::nn
