#include <tapegrad/nn/batch_norm.h>

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/nn/initialisers.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {

BatchNorm::BatchNorm(const Scope& scope, Index channels, std::initializer_list<int> ranks,
                     const BatchNormOptions& options)
    : path_(scope.path()), ranks_(ranks), options_(options) {
  if (!(options.momentum >= 0.0 && options.momentum <= 1.0))
    throw ValueError(
        fmt::format("{}: the momentum must be within [0, 1], got {}", path_, options.momentum));
  if (options.affine) {
    weight_ = &scope.parameter("weight", {channels}, constant(1.0));
    bias_ = &scope.parameter("bias", {channels}, zeros());
  }
  mean_ = &scope.parameter("running_mean", {channels}, zeros());
  variance_ = &scope.parameter("running_var", {channels}, constant(1.0));
  mean_->freeze();
  variance_->freeze();
}

Tensor BatchNorm::operator()(const Located& x) const {
  Tape& tape = x.tensor.tape();
  const LayerScope scope(tape, path_);
  const Shape& shape = x.shape();
  const Index channels = mean_->shape()[0];
  const auto fail = [&](const std::string& expected) {
    throw ShapeError(fmt::format("batch_norm: {}, got {}; {}", expected, shape.to_string(),
                                 tape.place({&x.tensor, 1}, x.line)));
  };
  if (std::ranges::find(ranks_, shape.rank()) == ranks_.end() || shape[1] != channels)
    fail(
        fmt::format("takes {} channels on axis 1 of {} axes", channels, fmt::join(ranks_, " or ")));
  const auto at = [&](const Tensor& tensor) { return Located(tensor, x.line); };
  const Tensor weight = weight_ == nullptr ? tape.full({channels}, 1.0) : tape(*weight_, x.line),
               bias = weight_ == nullptr ? tape.full({channels}, 0.0) : tape(*bias_, x.line);
  if (!tape.training())
    return fixed_batch_norm(x, at(tape(*mean_, x.line)), at(tape(*variance_, x.line)), at(weight),
                            at(bias), options_.epsilon);
  const Index count = channels == 0 ? 0 : shape.size() / channels;
  if (count < 2) fail("training needs two or more values a channel");
  const Tensor moments = batch_moments(x);
  {
    const NoGradient none(tape);
    const double share = options_.momentum,
                 count_share = static_cast<double>(count) / static_cast<double>(count - 1);
    const auto moment = [&](Index number) {
      return reshape(at(slice(at(moments), 1, number, number + 1)), {channels});
    };
    const auto move = [&](Parameter& running, const Tensor& batch, double scale) {
      tape.assign_after_run(
          running, tape.assigned(running, x.line) * (1.0 - share) + batch * (share * scale));
    };
    move(*mean_, moment(0) + moment(1), 1.0);
    move(*variance_, moment(2), count_share);
  }
  return batch_norm(x, at(moments), at(weight), at(bias), options_.epsilon);
}

}  // namespace tapegrad::nn
