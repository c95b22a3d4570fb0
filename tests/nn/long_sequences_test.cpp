// Backpropagation through many steps: a window that slides, and recomputation within a memory
// budget.
#include "../graph/graph_test_tools.h"
#include "random_inputs.h"

#include <algorithm>
#include <cmath>

#include <tapegrad/nn/nn.h>
#include <tapegrad/ops/operations.h>

namespace {

namespace tg = tapegrad;
namespace nn = tg::nn;
using graph_test::thrown;
using nn_test::random_inputs;

void check_close(const tg::Gradients& left, const tg::Gradients& right,
                 const tg::Parameters& parameters, double tolerance) {
  double largest = 0.0;
  for (const tg::Parameter& parameter : parameters) {
    const tg::Array a = left.at(parameter), b = right.at(parameter);
    for (tg::Index i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(b.at(i)));
    for (tg::Index i = 0; i < a.size(); ++i)
      CHECK(std::abs(a.at(i) - b.at(i)) <= tolerance * std::max(1.0, largest));
  }
}

}  // namespace

TEST_CASE("a sliding window's gradients reach as many steps back as its length") {
  tg::Parameters parameters(3);
  const nn::LstmCell cell(parameters.root(), 2, 3);
  const auto inputs = random_inputs(8, {2, 2});
  const auto step = [&](tg::Tape& tape, const tg::Array& input,
                        const std::vector<tg::Tensor>& state) {
    const tg::LstmState after = cell(tape.input(input), {state[0], state[1]});
    return std::vector<tg::Tensor>{after.hidden, after.cell};
  };
  const std::vector<tg::Array> zeros(2, tg::Array({2, 3}));
  for (const tg::Index length : {1, 3, 20}) {
    CAPTURE(length);
    nn::SlidingWindow window(length, zeros, step);
    tg::Tape tape, whole;
    for (tg::Index t = 0; t < 8; ++t) {
      CAPTURE(t);
      tape.clear();
      const tg::Gradients slid = tg::backward(
          tg::sum(tg::square(window.record(tape, inputs[static_cast<std::size_t>(t)])[0])));
      // The same from a tape of all steps, cut where the window begins.
      whole.clear();
      std::vector<tg::Tensor> state{whole.input(zeros[0]), whole.input(zeros[1])};
      for (tg::Index i = 0; i <= t; ++i) {
        if (i == t - length + 1) state = {tg::detach(state[0]), tg::detach(state[1])};
        state = step(whole, inputs[static_cast<std::size_t>(i)], state);
      }
      check_close(slid, tg::backward(tg::sum(tg::square(state[0]))), parameters, 1e-6);
    }
  }
  CHECK(thrown([&] { nn::SlidingWindow(0, zeros, step); }).find("a length of 1 or more, got 0") !=
        std::string::npos);
}

TEST_CASE("recomputed gradients are those of the whole tape, whatever the budget") {
  tg::Parameters parameters(3);
  const nn::LstmCell cell(parameters.root(), 2, 3);
  constexpr tg::Index steps = 200;
  const auto inputs = random_inputs(steps, {2, 2});
  const nn::TimeStep step = [&](tg::Tape& tape, tg::Index t, const std::vector<tg::Tensor>& state) {
    const tg::LstmState after =
        cell(tape.input(inputs[static_cast<std::size_t>(t)]), {state[0], state[1]});
    nn::TimeStepResult result{{after.hidden, after.cell}};
    if (t % 3 == 0) result.loss = tg::sum(tg::square(after.hidden));
    return result;
  };
  const std::vector<tg::Array> zeros(2, tg::Array({2, 3}));
  tg::Tape tape;
  std::vector<tg::Tensor> state{tape.input(zeros[0]), tape.input(zeros[1])}, losses;
  for (tg::Index t = 0; t < steps; ++t) {
    nn::TimeStepResult result = step(tape, t, state);
    state = result.state;
    if (result.loss) losses.push_back(result.loss);
  }
  const tg::Tensor loss = tg::add_all(losses);
  const tg::Gradients whole = tg::backward(loss);
  const double value = loss.item();
  const tg::Array last = state[0].copy();
  tg::Index shortest = steps;
  for (const std::size_t budget :
       {std::size_t{200} << 10, std::size_t{1} << 20, std::size_t{1} << 30}) {
    CAPTURE(budget);
    tg::Tape other;
    const auto result = nn::backward_with_recomputation(other, steps, zeros, step, budget);
    CAPTURE(result.segment);
    shortest = std::min(shortest, result.segment);
    CHECK(result.loss == doctest::Approx(value).epsilon(1e-5));
    for (tg::Index i = 0; i < last.size(); ++i)
      CHECK(result.state[0].at(i) == doctest::Approx(last.at(i)).epsilon(1e-5));
    check_close(result.gradients, whole, parameters, 1e-5);
  }
  CHECK(shortest < steps);
  tg::Tape other;
  CHECK(thrown([&] {
          nn::backward_with_recomputation(other, steps, zeros, step, 100);
        }).find("the budget is 100") != std::string::npos);
  CHECK(thrown([&] {
          nn::backward_with_recomputation(other, 0, zeros, step, 100);
        }).find("there must be steps, got 0") != std::string::npos);
}

TEST_CASE("dropout has the same masks when a segment is recorded again") {
  tg::Parameters parameters(3);
  const nn::RnnCell cell(parameters.root(), 2, 3);
  const auto inputs = random_inputs(40, {2, 2});
  std::vector<double> seen[2];
  const nn::TimeStep step = [&](tg::Tape& tape, tg::Index t, const std::vector<tg::Tensor>& state) {
    const tg::Tensor hidden =
        tg::dropout(cell(tape.input(inputs[static_cast<std::size_t>(t)]), state[0]), 0.5);
    return nn::TimeStepResult{{hidden}, tg::sum(tg::square(hidden))};
  };
  const std::vector<tg::Array> zeros(1, tg::Array({2, 3}));
  // The gradient of the loss along a direction equals its difference, which holds only if both
  // passes drop the same.
  const auto run = [&] {
    tg::Tape tape({.seed = 5});
    return nn::backward_with_recomputation(tape, 40, zeros, step, 100 << 10);
  };
  const auto result = run();
  CHECK(result.segment < 40);
  tg::Parameter& weight = parameters.at("weight_hh");
  const tg::Array gradient = result.gradients.at(weight);
  double squared = 0.0;
  for (tg::Index i = 0; i < gradient.size(); ++i) squared += gradient.at(i) * gradient.at(i);
  const double size = 1e-3 / std::sqrt(squared);
  double losses[2];
  for (const int side : {0, 1}) {
    tg::Array& value = weight.mutable_value();
    for (tg::Index i = 0; i < gradient.size(); ++i)
      value.set(i, value.at(i) + (side == 0 ? 1.0 : -2.0) * size * gradient.at(i));
    losses[side] = run().loss;
  }
  CHECK((losses[0] - losses[1]) / (2.0 * size) == doctest::Approx(squared).epsilon(0.02));
}
