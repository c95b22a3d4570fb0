#include <tapegrad/nn/sampled_softmax.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/nn/mean_of_rows.h>
#include <tapegrad/nn/sampled_hits.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

Tensor sampled_softmax(const Located& x, const Tensor& weights, const Tensor& bias,
                       std::span<const Index> targets, std::span<const Index> negatives,
                       std::span<const double> log_q, const Tensor& row_weights,
                       SampledTarget target) {
  Tape& tape = x.tensor.tape();
  const auto at = [&](const Tensor& tensor) { return Located(tensor, x.line); };
  const auto fail = [&](const std::string& what) {
    throw ValueError(
        fmt::format("sampled_softmax: {}; {}", what, tape.place({&x.tensor, 1}, x.line)));
  };
  const Index classes = weights.shape()[0], rows = static_cast<Index>(targets.size());
  const auto count = static_cast<Index>(negatives.size());
  if (x.shape().rank() != 2 || x.shape()[0] != rows)
    fail(fmt::format("x is {}, the targets {}", x.shape().to_string(), rows));
  if (count == 0) fail("there must be negatives");
  if (static_cast<Index>(log_q.size()) != classes)
    fail(fmt::format("there are {} classes, log_q has {}", classes, log_q.size()));
  const auto bad = [&](Index id) { return id < 0 || id >= classes; };
  if (std::ranges::any_of(targets, bad) || std::ranges::any_of(negatives, bad))
    fail(fmt::format("targets and negatives must be within {} classes", classes));

  // Logits less log q of their classes, and less `by`.
  const auto lowered = [&](const Tensor& logits, std::span<const Index> ids, double by) {
    std::vector<double> values;
    for (const Index id : ids) values.push_back(-log_q[static_cast<std::size_t>(id)] - by);
    return logits + tape.input(values, {static_cast<Index>(values.size())}, x.line);
  };
  const auto with_bias = [&](const Tensor& logits, const Tensor& ids) {
    if (!bias) return logits;
    const Tensor column = gather_rows(at(reshape(at(bias), {classes, 1})), ids);
    return logits + reshape(at(column), {ids.shape()[0]});
  };
  const bool is_exact = target == SampledTarget::exact;
  const Tensor target_ids = tape.ids(targets, x.line), negative_ids = tape.ids(negatives, x.line);
  Tensor own = dot(x, gather_rows(at(weights), target_ids));
  if (!is_exact) own = lowered(own, targets, 0.0);
  own = with_bias(own, target_ids);
  const Tensor others =
      with_bias(lowered(matmul(x, gather_rows(at(weights), negative_ids), {.right = true}),
                        negatives, is_exact ? std::log(static_cast<double>(count)) : 0.0),
                negative_ids);

  // e^-1e9 is 0: a negative that is the target does not count.
  const Tensor hits = at(sampled_hits(tape, targets, negatives, x.line)) * -1e9;
  const Tensor logits = concatenate({reshape(at(own), {rows, 1}), at(others) + hits}, -1, x.line);
  if (row_weights) {
    const Tensor own_likelihood = slice(at(log_softmax(at(logits))), 1, 0, 1);
    return mean_of_rows("sampled_softmax", at(reshape(at(own_likelihood), {rows})), row_weights) *
           -1.0;
  }
  return softmax_cross_entropy(
      at(logits), tape.ids(std::vector<Index>(static_cast<std::size_t>(rows), 0), x.line));
}

}  // namespace tapegrad::nn
