#include <tapegrad/nn/recomputation.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/graph/runner.h>
#include <tapegrad/ops/operations.h>

namespace tapegrad::nn {
namespace {

constexpr Index probe_steps = 8;
// Bytes of a node on the tape, in the planner and in the plans of both passes: about 1,200 were
// measured on LSTMs.
constexpr double node_bytes = 1650.0;
// The heap keeps holes between blocks, and vectors grow by doubling.
constexpr double heap_share = 1.2;

class Recomputation {
 public:
  Recomputation(Tape& tape, Index steps, const std::vector<Array>& first_state,
                const TimeStep& step)
      : tape_(tape), steps_(steps), step_(step), base_(tape.step()), carried_(0, tape.dtype()) {
    for (std::size_t i = 0; i < first_state.size(); ++i) {
      carried_.add("state" + std::to_string(i), first_state[i].shape(),
                   [&](Array& array, Random&) { array = first_state[i]; });
      state_bytes_ += static_cast<double>(first_state[i].bytes());
    }
    states_.push_back(first_state);
  }

  RecomputedGradients run(double budget) {
    const Index longest = segment_length(budget);
    const Index segments = segments_ = (steps_ + longest - 1) / longest;
    RecomputedGradients result{.segment = (steps_ + segments - 1) / segments};
    for (Index s = 0; s < segments; ++s) result.loss += go_forward(s);
    result.state = states_.back();
    states_.pop_back();
    std::vector<Array> upstream;
    for (const Array& array : result.state) upstream.emplace_back(array.shape(), array.dtype());
    for (Index s = segments; s-- > 0;) {
      const Gradients own = go_back(s, upstream);
      result.gradients += own.without(carried_);
      upstream.clear();
      for (const Parameter& state : carried_) upstream.push_back(own.at_or_zero(state));
      states_.pop_back();
    }
    tape_.set_step(base_ + static_cast<std::uint64_t>(segments));
    return result;
  }

 private:
  // The sum of the losses of a segment, null if there is none, and the state after it.
  TimeStepResult record(Index first, Index last, std::vector<Tensor> state) {
    std::vector<Tensor> losses;
    for (Index t = first; t < last; ++t) {
      TimeStepResult result = step_(tape_, t, state);
      if (result.state.size() != state.size()) {
        throw ValueError(fmt::format(
            "backward_with_recomputation: step {} got a state of {} tensors and gave {}", t,
            state.size(), result.state.size()));
      }
      state = std::move(result.state);
      if (result.loss) losses.push_back(result.loss);
    }
    return {std::move(state), losses.empty() ? Tensor{} : add_all(losses)};
  }

  void begin(Index segment) {
    tape_.set_step(base_ + static_cast<std::uint64_t>(segment) - 1);
    tape_.clear();
  }
  // Where a segment begins. All are as long but for a step; the longest are the last, which are
  // differentiated first, so that memory for the others is there.
  Index begin_of(Index segment) const {
    const Index length = steps_ / segments_, longer = steps_ % segments_;
    return segment * length + std::max<Index>(0, segment - (segments_ - longer));
  }

  // Returns the loss and keeps the state after the segment.
  double go_forward(Index segment) {
    begin(segment);
    std::vector<Tensor> state;
    for (const Array& array : states_.back()) state.push_back(tape_.input(array));
    const TimeStepResult result =
        record(begin_of(segment), begin_of(segment + 1), std::move(state));
    // One tensor, so that one run computes everything.
    std::vector<Tensor> parts{result.loss ? reshape(result.loss, {1}) : tape_.full({1}, 0.0)};
    for (const Tensor& tensor : result.state) parts.push_back(reshape(tensor, {-1}));
    const Tensor joined = concatenate(parts);
    const auto* all = static_cast<const std::byte*>(tape_.runner().value_alone(joined.node()));
    std::vector<Array> after;
    std::size_t at = size_of(joined.dtype());
    for (std::size_t i = 0; i < result.state.size(); ++i) {
      Array& array = after.emplace_back(result.state[i].shape(), joined.dtype());
      copy_bytes(array.data(), all + at, array.bytes());
      at += array.bytes();
    }
    states_.push_back(std::move(after));
    return joined.dtype() == Dtype::float64
               ? *reinterpret_cast<const double*>(all)
               : static_cast<double>(*reinterpret_cast<const float*>(all));
  }

  // The segment's gradients, those of the state before it included, from those of the state after
  // it.
  Gradients go_back(Index segment, const std::vector<Array>& upstream) {
    begin(segment);
    std::vector<Tensor> state;
    std::size_t i = 0;
    for (Parameter& parameter : carried_) {
      parameter.assign(states_.back()[i++]);
      state.push_back(tape_(parameter));
    }
    const TimeStepResult result =
        record(begin_of(segment), begin_of(segment + 1), std::move(state));
    std::vector<Tensor> parts;
    if (result.loss) parts.push_back(result.loss);
    for (std::size_t k = 0; k < upstream.size(); ++k)
      parts.push_back(sum(result.state[k] * tape_.input(upstream[k])));
    if (parts.empty())
      throw ValueError("backward_with_recomputation: there is neither a loss nor a state");
    return tapegrad::backward(add_all(parts));
  }

  // The longest segment whose tape fits the budget together with the states that are kept. A step
  // of a long segment needs more than one of a short: so what a short one shows is tried on longer
  // ones, up to a quarter of what seems to fit.
  Index segment_length(double budget) {
    for (Index probed = std::min(steps_, probe_steps);; probed *= 4) {
      const Index longest = longest_that_fits(probed, budget);
      if (longest <= 4 * probed) return longest;
      tape_.runner().forget_plans();  // of a length that will not come again
    }
  }

  // The same, by what a step of a segment of `probed` steps needs.
  Index longest_that_fits(Index probed, double budget) {
    segments_ = (steps_ + probed - 1) / probed;
    std::vector<Array> none;
    for (const Array& array : states_.back()) none.emplace_back(array.shape(), array.dtype());
    go_back(0, none);
    const Plan& plan = *tape_.runner().last_plan();
    // Inputs are copied, into memory that is moved when it grows.
    const double input_bytes = 2.5 * static_cast<double>(tape_.leaves().mark().used);
    const double step_bytes = (static_cast<double>(plan.arena_bytes) + input_bytes +
                               node_bytes * static_cast<double>(tape_.structure().count())) /
                              static_cast<double>(begin_of(1));
    // The gradients of a segment, the same without those of the state, their sum so far, and the
    // next one.
    const double fixed_bytes = 4.0 * static_cast<double>(plan.result_bytes);
    const auto needed = [&](Index length) {
      return heap_share * (fixed_bytes + step_bytes * static_cast<double>(length) +
                           state_bytes_ * (2.0 + std::ceil(static_cast<double>(steps_) /
                                                           static_cast<double>(length))));
    };
    Index best = 0;
    for (Index length = 1; length <= steps_; length = std::max(length + 1, length + length / 8)) {
      if (needed(length) <= budget) best = length;
    }
    if (needed(steps_) <= budget) best = steps_;
    if (best > 0) return best;
    const double fitting = std::sqrt(static_cast<double>(steps_) * state_bytes_ / step_bytes);
    throw ValueError(fmt::format(
        "backward_with_recomputation: {} steps need about {:.0f} bytes, the budget is {:.0f}",
        steps_, needed(std::clamp<Index>(static_cast<Index>(fitting), 1, steps_)), budget));
  }

  Tape& tape_;
  Index steps_, segments_ = 1;
  const TimeStep& step_;
  std::uint64_t base_;
  Parameters carried_;                      // the state before a segment, as what has a gradient
  std::vector<std::vector<Array>> states_;  // before each segment
  double state_bytes_ = 0.0;
};

}  // namespace

RecomputedGradients backward_with_recomputation(Tape& tape, Index steps,
                                                const std::vector<Array>& first_state,
                                                const TimeStep& step, std::size_t memory_budget) {
  if (steps < 1)
    throw ValueError(
        fmt::format("backward_with_recomputation: there must be steps, got {}", steps));
  return Recomputation(tape, steps, first_state, step).run(static_cast<double>(memory_budget));
}

}  // namespace tapegrad::nn
