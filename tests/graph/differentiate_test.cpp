// Gradients as nodes: of any order, against closed forms.
#include "custom_operations.h"

#include <tapegrad/graph/differentiate.h>
#include <tapegrad/graph/gradcheck.h>

namespace {

namespace tg = tapegrad;
using graph_test::blunt_cube;
using graph_test::cube;
using graph_test::holds;
using graph_test::numbers;
using graph_test::numbers_of;
using graph_test::roll;
using graph_test::thrown;

tg::TapeOptions exact() { return {.dtype = tg::Dtype::float64}; }

tg::Tensor vector(tg::Tape& tape, std::vector<double> values) {
  const auto size = static_cast<tg::Index>(values.size());
  return tape.input(std::span<const double>(values), {size});
}

}  // namespace

TEST_CASE("gradients of gradients have their closed forms") {
  struct Case {
    const char* name;
    std::function<tg::Tensor(tg::Tensor)> f;
    std::function<double(double, int)> derivative;
  };
  const Case cases[] = {
      {"x⁴", [](const tg::Tensor& x) { return tg::square(tg::square(x)); },
       [](double x, int order) {
         return order == 1 ? 4 * x * x * x : order == 2 ? 12 * x * x : order == 3 ? 24 * x : 24;
       }},
      {"sin", [](const tg::Tensor& x) { return tg::sin(x); },
       [](double x, int order) {
         return order == 1   ? std::cos(x)
                : order == 2 ? -std::sin(x)
                : order == 3 ? -std::cos(x)
                             : std::sin(x);
       }},
      {"exp(2x)", [](const tg::Tensor& x) { return tg::exp(x * 2.0); },
       [](double x, int order) { return std::pow(2.0, order) * std::exp(2 * x); }},
      {"1/x", [](const tg::Tensor& x) { return 1.0 / x; },
       [](double x, int order) {
         return (order % 2 == 1 ? -1 : 1) * std::tgamma(order + 1) / std::pow(x, order + 1);
       }},
      {"cube of x + x", [](const tg::Tensor& x) { return cube(x + x); },
       [](double x, int order) {
         return order == 1 ? 24 * x * x : order == 2 ? 48 * x : order == 3 ? 48 : 0;
       }}};
  for (const Case& one : cases) {
    CAPTURE(std::string(one.name));
    tg::Tape tape(exact());
    const tg::Tensor x = vector(tape, {0.5, -1.25});
    tg::Tensor y = one.f(x);
    for (int order = 1; order <= 4; ++order) {
      CAPTURE(order);
      y = tg::gradients(tg::sum(y), {&x, 1}, tg::Unreached::zero)[0];
      for (std::size_t i = 0; i < 2; ++i) {
        const double at = i == 0 ? 0.5 : -1.25;
        CHECK(numbers_of(y)[i] == doctest::Approx(one.derivative(at, order)));
      }
    }
  }
}

TEST_CASE("targets that the output does not reach are an error or zeros") {
  tg::Tape tape(exact());
  const tg::Tensor x = vector(tape, {1, 2});
  const tg::Tensor other = vector(tape, {3});
  const tg::Tensor y = tg::sum(x);
  const tg::Tensor later = tg::exp(y);
  const std::vector<tg::Tensor> targets{x, other};
  CHECK(holds(thrown([&] { tg::gradients(y, targets); }),
              "TapeError: gradients: the output does not depend on target 1; at "));
  CHECK(holds(thrown([&] { tg::gradient(y, later); }),
              "gradients: the output does not depend on target 0"));
  const auto found = tg::gradients(y, targets, tg::Unreached::zero);
  CHECK(numbers_of(found[0]) == std::vector<double>{1, 1});
  CHECK(numbers_of(found[1]) == std::vector<double>{0});
  CHECK(numbers_of(tg::gradient(y, y)) == std::vector<double>{1});
  CHECK(holds(thrown([&] { tg::gradient(x, x); }),
              "gradients: the output must have one element, got shape [2]"));
  CHECK(numbers_of(tg::gradient(tg::sum(tg::detach(x) * x), x)) == std::vector<double>{1, 2});
}

TEST_CASE(
    "a tensor that is used many times gets the sum, and targets may lie on the way to other "
    "targets") {
  tg::Tape tape(exact());
  const tg::Tensor x = vector(tape, {2, 3});
  const tg::Tensor h = x * x;
  const tg::Tensor y = tg::sum(h * x + h);
  const std::vector<tg::Tensor> targets{x, h, x};
  const auto found = tg::gradients(y, targets);
  CHECK(numbers_of(found[0]) == std::vector<double>{3 * 4 + 4, 3 * 9 + 6});
  CHECK(numbers_of(found[1]) == std::vector<double>{3, 4});
  CHECK(numbers_of(found[2]) == numbers_of(found[0]));
}

TEST_CASE(
    "an operation without a gradient is an error that names it, but only on the way to a target") {
  tg::Tape tape(exact());
  const tg::Tensor x = vector(tape, {2, 3});
  const tg::Tensor h = blunt_cube(x);
  const int line = __LINE__ - 1;
  const tg::Tensor y = tg::sum(h * h);
  CHECK(thrown([&] { tg::gradient(y, x); }) ==
        "TapeError: blunt cube has no gradient; " + graph_test::at_line(__FILE__, line));
  CHECK(numbers_of(tg::gradient(y, h)) == std::vector<double>{16, 54});
  CHECK(y.item() == 64 + 729);
  tg::Parameters parameters;
  const tg::Parameter& a = parameters.add("a", {2}, numbers({1, 2}));
  const tg::Tensor loss = tg::sum(blunt_cube(tape(a)));
  const tg::NodeId count = tape.structure().count();
  CHECK(holds(thrown([&] { tg::backward(loss); }), "TapeError: blunt cube has no gradient; a at "));
  CHECK(tape.structure().count() == count);
  CHECK(tg::backward(tg::sum(tape(a))).size() == 1);
}

TEST_CASE("products with Jacobians and Hessians have their closed forms") {
  tg::Tape tape(exact());
  const tg::Tensor x = vector(tape, {1, 2});
  const tg::Tensor z = vector(tape, {3});
  // f = (x₀x₁, x₀², x₁z): J = [[x₁, x₀ | 0], [2x₀, 0 | 0], [0, z | x₁]].
  const tg::Tensor x0 = tg::slice(x, 0, 0, 1);
  const tg::Tensor x1 = tg::slice(x, 0, 1, 2);
  const tg::Tensor f = tg::concatenate({x0 * x1, x0 * x0, x1 * z});
  const std::vector<tg::Tensor> inputs{x, z};
  const auto product = tg::vector_jacobian_product(f, vector(tape, {1, 10, 100}), inputs);
  CHECK(numbers_of(product[0]) == std::vector<double>{2 + 20, 1 + 300});
  CHECK(numbers_of(product[1]) == std::vector<double>{200});
  const std::vector<tg::Tensor> tangents{vector(tape, {5, 7}), vector(tape, {11})};
  CHECK(numbers_of(tg::jacobian_vector_product(f, inputs, tangents)) ==
        std::vector<double>{2 * 5 + 7, 10, 3 * 7 + 2 * 11});
  // g = x₀²x₁ + x₁z³: H·v for v = (5, 7 | 11), at (1, 2 | 3).
  const tg::Tensor g = tg::sum(x0 * x0 * x1 + x1 * cube(z));
  const auto curvature = tg::hessian_vector_product(g, inputs, tangents);
  CHECK(numbers_of(curvature[0]) == std::vector<double>{2 * 2 * 5 + 2 * 7, 2 * 5 + 27 * 11});
  CHECK(numbers_of(curvature[1]) == std::vector<double>{27 * 7 + 2 * 18 * 11});
  CHECK(holds(thrown([&] {
                tg::jacobian_vector_product(f, inputs, {tangents.data(), 1});
              }),
              "2 inputs need as many tangents, got 1"));
  CHECK(holds(thrown([&] {
                tg::hessian_vector_product(g, inputs, {tangents.data(), 1});
              }),
              "2 targets need as many vectors, got 1"));
  CHECK(holds(thrown([&] { tg::vector_jacobian_product(f, x, inputs); }),
              "gradients: the output has shape [3], its gradient [2]; at "));
}

TEST_CASE(
    "a user's own operations differentiate, batch, and check their shapes like built-in ones") {
  tg::Parameters parameters(2);
  parameters.add("a", {5}, graph_test::uniform());
  parameters.add("b", {5}, graph_test::uniform());
  const auto loss = [&](tg::Tape& tape) {
    const tg::Tensor a = tape(parameters.at("a"));
    const tg::Tensor b = tape(parameters.at("b"));
    return tg::sum(roll(cube(a), 2) * b + cube(roll(b, 3)) * roll(a, 3));
  };
  const tg::GradcheckResult result = tg::gradcheck(parameters, loss);
  CHECK_MESSAGE(result.passed, result.worst);
  CHECK(result.comparisons == 20);
  tg::Tape tape;
  CHECK(numbers_of(roll(tape.input(tg::Array::from({1.0F, 2.0F, 3.0F}, {3})), 1)) ==
        std::vector<double>{3, 1, 2});
  const tg::Tensor square = tape.full({2, 2}, 1);
  const int line = __LINE__ + 1;
  const std::string message = thrown([&] { roll(square, 1); });
  CHECK(message ==
        "ShapeError: roll: needs a vector, got [2, 2]; " + graph_test::at_line(__FILE__, line));
}
