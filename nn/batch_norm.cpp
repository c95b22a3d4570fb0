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
  // Channels along their axis, to broadcast against x.
  Index extents[] = {channels, 1, 1};
  const std::span<const Index> along(extents, static_cast<std::size_t>(shape.rank() - 1));
  const auto spread = [&](const Tensor& channel) { return reshape(at(channel), along); };

  Tensor normalised;
  if (tape.training()) {
    const Index count = channels == 0 ? 0 : shape.size() / channels;
    if (count < 2) fail("training needs two or more values a channel");
    std::vector<int> axes;
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (axis != 1) axes.push_back(axis);
    }
    // Shifted first by the rounded mean, a constant: neither the variance nor the result depends on
    // it, and the mean of what is left is then exact.
    const Tensor shift = detach(at(mean(x, axes, true)));
    const Tensor shifted = subtract(x, shift);
    const Tensor rest = mean(at(shifted), axes, true);
    const Tensor centred = shifted - rest;
    const Tensor variance = mean(at(square(at(centred))), axes, true);
    normalised = centred * rsqrt(at(variance + options_.epsilon));
    const double share = options_.momentum,
                 count_share = static_cast<double>(count) / static_cast<double>(count - 1);
    const NoGradient none(tape);
    const auto move = [&](Parameter& running, const Tensor& batch, double scale) {
      const Tensor moved = tape.assigned(running, x.line) * (1.0 - share) +
                           reshape(at(batch), {channels}) * (share * scale);
      tape.assign_after_run(running, moved);
    };
    move(*mean_, shift + rest, 1.0);
    move(*variance_, variance, count_share);
  } else {
    normalised = (x - spread(tape(*mean_, x.line))) *
                 spread(rsqrt(at(tape(*variance_, x.line) + options_.epsilon)));
  }
  if (weight_ == nullptr) return normalised;
  return normalised * spread(tape(*weight_, x.line)) + spread(tape(*bias_, x.line));
}

}  // namespace tapegrad::nn
