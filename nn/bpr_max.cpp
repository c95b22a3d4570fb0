#include <tapegrad/nn/bpr_max.h>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/nn/mean_of_rows.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

Tensor bpr_max(const Located& positive, const Located& negatives, double regularisation,
               const Tensor& row_weights) {
  const auto at = [&](const Tensor& tensor) { return Located(tensor, positive.line); };
  const Shape& shape = negatives.shape();
  if (shape.rank() != 2 || shape[1] < 1 || positive.shape() != Shape{shape[0]}) {
    throw ShapeError(
        fmt::format("bpr_max: takes scores [n] and [n, k] with k of 1 or more, got {} and {}; {}",
                    positive.shape().to_string(), shape.to_string(),
                    positive.tensor.tape().place({&positive.tensor, 1}, positive.line)));
  }
  // log Σ s·σ(p - n) = logsumexp(log s + log σ(p - n)), log σ(x) = -softplus(-x): no logarithm of
  // what may round to 0.
  const Tensor log_shares = log_softmax(negatives);
  const Tensor difference = at(reshape(positive, {shape[0], 1})) - negatives;
  const Tensor likelihood = logsumexp(at(log_shares - softplus(at(-difference))));
  const Tensor penalty = dot(at(exp(at(log_shares))), square(negatives));
  return mean_of_rows("bpr_max", at(penalty * regularisation - likelihood), row_weights);
}

}  // namespace tapegrad::nn
