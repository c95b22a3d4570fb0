// Layers: what they compute, their names and shapes, and their gradients.
#include "../graph/graph_test_tools.h"

#include <tapegrad/graph/gradcheck.h>
#include <tapegrad/nn/nn.h>

namespace {

namespace tg = tapegrad;
namespace nn = tg::nn;
using graph_test::distance;
using graph_test::holds;
using graph_test::numbers;
using graph_test::random_input;
using graph_test::thrown;

std::string names_of(const tg::Parameters& parameters) {
  std::string names;
  for (const tg::Parameter& parameter : parameters)
    names += parameter.name() + parameter.shape().to_string() + " ";
  return names;
}

}  // namespace

TEST_CASE("a linear layer is x times the weight's transpose plus the bias, over any leading axes") {
  tg::Parameters parameters;
  const nn::Linear linear(
      parameters.root() / "head", 3, 2,
      {.weight = numbers({1, 2, 3, 4, 5, 6}), .bias_values = numbers({0.5, -0.5})});
  CHECK(names_of(parameters) == "head/weight[2, 3] head/bias[2] ");
  CHECK(&linear.weight() == &parameters.at("head/weight"));
  tg::Tape tape;
  const std::vector<float> x{1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1};
  for (const tg::Shape& shape : {tg::Shape{4, 3}, tg::Shape{2, 2, 3}, tg::Shape{1, 4, 1, 3}}) {
    const tg::Tensor y = linear(tape.input(x, shape));
    CHECK(y.shape() == shape.with(-1, 2));
    CHECK(graph_test::numbers_of(y) ==
          std::vector<double>{1.5, 3.5, 2.5, 4.5, 3.5, 5.5, 6.5, 14.5});
  }
  const tg::Tensor none = linear(tape.input(std::vector<float>{}, {0, 3}));
  CHECK(none.shape() == tg::Shape{0, 2});
  CHECK(none.copy().size() == 0);
}

TEST_CASE("a linear layer takes a single vector") {
  tg::Parameters parameters;
  const nn::Linear linear(
      parameters.root() / "head", 3, 2,
      {.weight = numbers({1, 2, 3, 4, 5, 6}), .bias_values = numbers({0.5, -0.5})});
  tg::Tape tape;
  const tg::Tensor y = linear(tape.input(std::vector<float>{1, 1, 1}, {3}));
  CHECK(y.shape() == tg::Shape{2});
  CHECK(graph_test::numbers_of(y) == std::vector<double>{6.5, 14.5});
}

TEST_CASE("a linear layer without a bias has one parameter, and one without inputs finite ones") {
  tg::Parameters parameters;
  const nn::Linear linear(parameters.root() / "plain", 3, 2, {.bias = false});
  CHECK(names_of(parameters) == "plain/weight[2, 3] ");
  tg::Tape tape;
  CHECK(graph_test::numbers_of(linear(tape.full({1, 3}, 0.0))) == std::vector<double>{0, 0});
  const nn::Linear empty(parameters.root() / "empty", 0, 2);
  for (const double value : graph_test::numbers_of(parameters.at("empty/bias").value()))
    CHECK(value == 0.0);
}

TEST_CASE("a layer tells the user's line and its path when shapes do not fit") {
  tg::Parameters parameters;
  const nn::Linear linear(parameters.root() / "head", 3, 2);
  tg::Tape tape;
  const tg::Tensor x = random_input(tape, {4, 5});
  const int line = __LINE__ + 1;
  const std::string message = thrown([&] { linear(x); });
  CHECK(holds(message, "ShapeError"));
  CHECK(holds(message, "head"));
  CHECK(holds(message, graph_test::at_line(__FILE__, line)));
}

TEST_CASE(
    "an embedding returns the table's rows under the ids' shape, and its gradient has the touched "
    "rows alone") {
  tg::Parameters parameters;
  const nn::Embedding items(parameters.root() / "items", 5, 2,
                            {.weight = numbers({0, 1, 2, 3, 4, 5, 6, 7, 8, 9})});
  CHECK(names_of(parameters) == "items/weight[5, 2] ");
  tg::Tape tape;
  const tg::Index ids[] = {4, 0, 4, 2};
  const tg::Tensor y = items(tape.ids(ids, {2, 2}));
  CHECK(y.shape() == tg::Shape{2, 2, 2});
  CHECK(graph_test::numbers_of(y) == std::vector<double>{8, 9, 0, 1, 8, 9, 4, 5});
  const std::int32_t small[] = {4, 0, 4, 2};
  CHECK(graph_test::numbers_of(items(tape, small)) == graph_test::numbers_of(y));
  CHECK(graph_test::numbers_of(items(tape, ids)) == graph_test::numbers_of(y));
  const tg::Gradients gradients = tg::backward(tg::sum(tg::square(y)));
  REQUIRE(gradients.size() == 1);
  const tg::GradientEntry& entry = gradients.entries()[0];
  CHECK(entry.sparse);
  CHECK(std::vector<tg::Index>(entry.rows.begin(), entry.rows.end()) ==
        std::vector<tg::Index>{0, 2, 4});
  CHECK(graph_test::numbers_of(gradients.at("items/weight")) ==
        std::vector<double>{0, 2, 0, 0, 8, 10, 0, 0, 32, 36});
}

TEST_CASE("an embedding refuses ids outside of its table") {
  tg::Parameters parameters;
  const nn::Embedding items(parameters.root() / "items", 5, 2);
  for (const tg::Index bad : {-1, 5}) {
    tg::Tape tape;
    const tg::Index ids[] = {0, bad};
    CHECK(holds(thrown([&] { items(tape, ids).copy(); }), "is outside of 5 rows"));
  }
  tg::Tape tape;
  CHECK(items(tape, std::span<const tg::Index>{}).shape() == tg::Shape{0, 2});
}

TEST_CASE("a perceptron numbers its layers and puts activations between them") {
  tg::Parameters parameters;
  const nn::Mlp mlp(parameters.root() / "tower", {4, 3, 2, 1});
  CHECK(names_of(parameters) ==
        "tower/0/weight[3, 4] tower/0/bias[3] tower/1/weight[2, 3] tower/1/bias[2] "
        "tower/2/weight[1, 2] tower/2/bias[1] ");
  tg::Tape tape;
  const tg::Tensor x = random_input(tape, {6, 4});
  const auto layer = [&](const tg::Tensor& y, const std::string& number) {
    return tg::matmul(y, tape(parameters.at("tower/" + number + "/weight")), {.right = true}) +
           tape(parameters.at("tower/" + number + "/bias"));
  };
  const tg::Tensor expected = layer(tg::relu(layer(tg::relu(layer(x, "0")), "1")), "2");
  CHECK(distance(expected.copy(), mlp(x).copy()) <= 1e-6);

  tg::Parameters bounded;
  const nn::Mlp last(bounded.root() / "tower", {4, 3},
                     {.last = nn::Activation::sigmoid, .linear = {.bias = false}});
  CHECK(names_of(bounded) == "tower/0/weight[3, 4] ");
  const tg::Tensor y = last(x);
  CHECK(distance(
            tg::sigmoid(tg::matmul(x, tape(bounded.at("tower/0/weight")), {.right = true})).copy(),
            y.copy()) <= 1e-6);

  for (const std::vector<tg::Index>& widths :
       {std::vector<tg::Index>{}, std::vector<tg::Index>{4}}) {
    CHECK(holds(thrown([&] { nn::Mlp(parameters.root() / "bad", widths); }),
                "ValueError: Mlp bad: needs at least two widths"));
  }
}

TEST_CASE("a sequence applies its modules in order, nests, and is the identity without any") {
  tg::Parameters parameters;
  const nn::Linear linear(parameters.root() / "linear", 2, 2,
                          {.weight = numbers({0, 1, 1, 0}), .bias_values = numbers({0, 0})});
  nn::Sequential inner{linear, [](const tg::Located& x) { return x * 2.0; }};
  nn::Sequential outer;
  tg::Tape tape;
  const tg::Tensor x = tape.input(std::vector<float>{1, 3}, {1, 2});
  CHECK(graph_test::numbers_of(outer(x)) == std::vector<double>{1, 3});
  outer.add(inner).add([](const tg::Located& y) { return y + 1.0; });
  CHECK(graph_test::numbers_of(outer(x)) == std::vector<double>{7, 3});
}

TEST_CASE("layers pass checks of first and second order gradients") {
  using nn::Activation;
  for (const Activation activation :
       {Activation::none, Activation::relu, Activation::tanh, Activation::sigmoid, Activation::gelu,
        Activation::silu, Activation::leaky_relu, Activation::elu}) {
    CAPTURE(static_cast<int>(activation));
    tg::Parameters parameters(6);
    const nn::Embedding users(parameters.root() / "users", 4, 3);
    const nn::Mlp mlp(parameters.root() / "mlp", {3, 4, 2},
                      {.activation = activation, .last = Activation::tanh, .dropout = 0.2});
    const nn::Sequential head{nn::Dropout{0.3}, nn::Linear(parameters.root() / "head", 2, 1),
                              nn::Linear(parameters.root() / "tail", 1, 2)};
    const tg::GradcheckResult result = tg::gradcheck(parameters, [&](tg::Tape& tape) {
      const tg::Index ids[] = {0, 2, 2, 1};
      return tg::sum(tg::square(head(mlp(users(tape, ids)))));
    });
    CHECK_MESSAGE(result.passed, result.worst);
    CHECK(result.comparisons > 80);
  }
}
