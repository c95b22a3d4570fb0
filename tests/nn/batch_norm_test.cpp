// Running statistics as effects of a run: how often, in which order, and what may be read after.
#include "../graph/graph_test_tools.h"

#include <tapegrad/graph/gradcheck.h>
#include <tapegrad/nn/nn.h>
#include <tapegrad/optim/sgd.h>

namespace {

namespace tg = tapegrad;
using graph_test::thrown;

}  // namespace

TEST_CASE("a normalisation used twice in one recording moves its statistics twice, in order") {
  tg::Parameters parameters(1);
  const tg::nn::BatchNorm1d normalise(parameters.root() / "bn", 1);
  tg::Tape tape;
  const tg::Tensor ones = normalise(tape.full({4, 1}, 1.0)),
                   threes = normalise(tape.full({4, 1}, 3.0));
  tg::backward(tg::sum(ones * threes));
  CHECK(parameters.at("bn/running_mean").value().at(0) ==
        doctest::Approx((0.9 * 0.0 + 0.1 * 1.0) * 0.9 + 0.1 * 3.0));
  CHECK(parameters.at("bn/running_var").value().at(0) == doctest::Approx(0.81));
}

TEST_CASE("after a run its values can be read and run further, and the statistics move once") {
  tg::Parameters parameters(1);
  const tg::nn::BatchNorm1d normalise(parameters.root() / "bn", 2);
  const tg::nn::Linear linear(parameters.root() / "linear", 3, 2);
  tg::Tape tape;
  const tg::Tensor y =
      normalise(linear(tape.input(std::vector<double>{1, 2, 3, 0, -1, 5, 2, 2, -4}, {3, 3})));
  tg::backward(tg::sum(tg::square(y)));
  const tg::Array moved = parameters.at("bn/running_mean").value();
  const std::vector<double> before = graph_test::numbers_of(y.copy());
  CHECK(tg::argmax(y, 1).values<std::int64_t>().size() == 3);
  tg::backward(tg::sum(y * y * y));
  CHECK(parameters.at("bn/running_mean").value() == moved);
  CHECK(graph_test::numbers_of(y.copy()) == before);
  // What depends on the statistics themselves is of another state now.
  {
    const tg::EvaluationMode evaluation(tape);
    const tg::Tensor later = normalise(tape.full({1, 2}, 1.0));
    CHECK(thrown([&] { later.item(); }) != "nothing");
    CHECK(graph_test::holds(thrown([&] { later.copy(); }), "parameter bn/running_"));
  }
}

TEST_CASE("a gradient check leaves the statistics alone") {
  tg::Parameters parameters(1);
  const tg::nn::BatchNorm1d normalise(parameters.root() / "bn", 2);
  const tg::nn::Linear linear(parameters.root() / "linear", 3, 2);
  const auto before = parameters.snapshot();
  const auto result = tg::gradcheck(parameters, [&](tg::Tape& tape) {
    return tg::sum(tg::sin(
        normalise(linear(tape.input(std::vector<double>{1, 2, 3, 0, -1, 5, 2, 2, -4}, {3, 3})))));
  });
  CHECK_MESSAGE(result.passed, result.worst);
  CHECK(parameters.snapshot() == before);
}
