#include "custom_operations.h"

#include <tapegrad/graph/gradcheck.h>

namespace {

namespace tg = tapegrad;
using graph_test::holds;
using graph_test::numbers;

}  // namespace

TEST_CASE("a wrong gradient is found, and the worst element named") {
  tg::Parameters parameters;
  parameters.add("good", {2}, numbers({0.5, 1.5}));
  (parameters.root() / "layer").parameter("bias", {4}, numbers({0.5, 1.0, -0.75, 0.25}));
  const auto loss = [&](tg::Tape& tape) {
    return tg::sum(graph_test::cube(tape(parameters.at("good")))) +
           tg::sum(graph_test::wrong_cube(tape(parameters.at("layer/bias"))));
  };
  const tg::GradcheckResult result = tg::gradcheck(parameters, loss, {.second_order = false});
  CHECK(!result.passed);
  CHECK(!result);
  CHECK(holds(result.worst, "layer/bias[2]: analytic -1.6875, numeric 1.6875"));
  CHECK(result.comparisons == 6);
  CHECK(result.worst_error == doctest::Approx(2.0));
}

TEST_CASE(
    "a frozen parameter is left out, a large one is checked along directions, and dropout repeats "
    "itself") {
  tg::Parameters parameters(4);
  parameters.add("large", {20, 10}, graph_test::uniform(0.5, 1.0));
  parameters.add("frozen", {3}, graph_test::uniform()).freeze();
  const auto loss = [&](tg::Tape& tape) {
    const tg::Tensor x = tg::dropout(graph_test::cube(tape(parameters.at("large"))), 0.5);
    return tg::mean(x) + tg::sum(graph_test::wrong_cube(tape(parameters.at("frozen"))));
  };
  const tg::GradcheckResult result =
      tg::gradcheck(parameters, loss, {.directions = 3, .second_order = false});
  CHECK_MESSAGE(result.passed, result.worst);
  CHECK(result.comparisons == 3);
  CHECK(holds(result.worst, "large·direction "));
  CHECK(parameters.at("large").version() == 0);
}

TEST_CASE("a gradient that is not a number never passes") {
  tg::Parameters parameters;
  parameters.add("x", {1}, numbers({0}));
  CHECK(!tg::gradcheck(
      parameters, [&](tg::Tape& tape) { return tg::sum(tg::sqrt(tape(parameters.at("x")))); }));
}

TEST_CASE("second order errors are named too") {
  tg::Parameters parameters;
  parameters.add("x", {2}, numbers({0.5, 2}));
  // Right at first order; its gradient hides a part of itself from the second.
  static const tg::Operation half_cube{
      .name = "half cube",
      .form = tg::Form::elementwise,
      .inputs = 1,
      .elementwise_float = tg::elementwise_kernel<graph_test::Cube, float, 1>,
      .elementwise_double = tg::elementwise_kernel<graph_test::Cube, double, 1>,
      .gradient = [](tg::GradientContext& context) {
        context.add(0, context.gradient() * 3.0 * tg::detach(tg::square(context.input(0))));
      }};
  const auto loss = [&](tg::Tape& tape) {
    return tg::sum(tg::record(half_cube, tape(parameters.at("x"))));
  };
  CHECK(tg::gradcheck(parameters, loss, {.second_order = false}).passed);
  const tg::GradcheckResult result = tg::gradcheck(parameters, loss);
  CHECK(!result.passed);
  CHECK(holds(result.worst, "second order, x["));
}
