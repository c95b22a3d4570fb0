// Modes of recording, values, kept and partly computed tapes, effects.
#include "graph_test_tools.h"

#include <tapegrad/graph/differentiate.h>

namespace {

namespace tg = tapegrad;
using graph_test::numbers;
using graph_test::numbers_of;
using graph_test::thrown;

std::size_t plans(tg::Tape& tape) { return tape.runner().hits() + tape.runner().misses(); }

}  // namespace

TEST_CASE("gradients stop at detach, under NoGradient and at frozen parameters") {
  tg::Parameters parameters;
  tg::Parameter& a = parameters.add("a", {2}, numbers({2, 3}));
  tg::Parameter& b = parameters.add("b", {2}, numbers({5, 7}));
  tg::Tape tape;
  SUBCASE("detach") {
    const tg::Gradients gradients = tg::backward(tg::sum(tape(a) * tg::detach(tape(a) * tape(b))));
    CHECK(numbers_of(gradients.at("a")) == std::vector<double>{10, 21});
    CHECK(!gradients.contains("b"));
  }
  SUBCASE("NoGradient") {
    tg::Tensor quiet;
    {
      const tg::NoGradient guard(tape);
      quiet = tape(a) * tape(b);
    }
    const tg::Gradients gradients = tg::backward(tg::sum(quiet + tape(a)));
    CHECK(numbers_of(gradients.at("a")) == std::vector<double>{1, 1});
    CHECK(thrown([&] { (void)gradients.at("b"); }) ==
          "ValueError: the loss does not reach parameter b, so there is no gradient of it");
    CHECK(numbers_of(gradients.at_or_zero(b)) == std::vector<double>{0, 0});
  }
  SUBCASE("frozen") {
    b.freeze();
    const tg::Gradients gradients = tg::backward(tg::sum(tape(a) * tape(b)));
    CHECK(numbers_of(gradients.at("a")) == std::vector<double>{5, 7});
    CHECK(!gradients.contains("b"));
    b.freeze(false);
    tape.clear();
    CHECK(tg::backward(tg::sum(tape(a) * tape(b))).contains("b"));
  }
}

TEST_CASE("evaluation mode lasts as long as its guard, and dropout obeys it") {
  tg::Tape tape({.seed = 3});
  const tg::Tensor x = tape.full({100}, 1.0);
  CHECK(tape.training());
  {
    const tg::EvaluationMode guard(tape);
    CHECK(!tape.training());
    CHECK(numbers_of(tg::dropout(x, 0.5)) == std::vector<double>(100, 1.0));
  }
  CHECK(tape.training());
  const auto dropped = numbers_of(tg::dropout(x, 0.5));
  CHECK(dropped != std::vector<double>(100, 1.0));
  CHECK(numbers_of(tg::dropout(x, 0.5)) != dropped);
  CHECK(!tg::Tape({.training = false}).training());
}

TEST_CASE(
    "backward keeps the loss and what was marked, and the rest is computed anew when asked for") {
  tg::Parameters parameters;
  tg::Parameter& a = parameters.add("a", {2}, numbers({2, 3}));
  tg::Tape tape;
  const tg::Tensor h = tg::square(tape(a));
  const tg::Tensor g = tg::exp(h);
  const tg::Tensor loss = tg::sum(h * 3.0 + g * 0.0);
  tape.keep(h);
  tg::backward(loss);
  const std::size_t before = plans(tape);
  CHECK(loss.item() == 39);
  CHECK(numbers_of(h) == std::vector<double>{4, 9});
  CHECK(plans(tape) == before);
  CHECK(numbers_of(g)[0] == doctest::Approx(std::exp(4.0)));
  CHECK(plans(tape) == before + 1);
  CHECK(numbers_of(a.value()) == numbers_of(tape(a)));
}

TEST_CASE("a partly computed tape keeps what it computed, and recording goes on") {
  tg::Parameters parameters;
  tg::Parameter& a = parameters.add("a", {3}, numbers({1, 2, 3}));
  tg::Tape tape;
  for (int step = 0; step < 3; ++step) {
    tape.clear();
    CAPTURE(step);
    const tg::Tensor h = tg::square(tape(a)) + 1.0;
    const tg::Tensor first = tg::sum(h);
    CHECK(first.item() == 17);
    const std::size_t before = plans(tape);
    CHECK(first.item() == 17);
    CHECK(numbers_of(h) == std::vector<double>{2, 5, 10});
    CHECK(plans(tape) == before);
    // The next piece reads the last one's values: its plan computes only what is new.
    const tg::Tensor second = first.item() > 10 ? tg::sum(h * 2.0) : tg::sum(h);
    CHECK(second.item() == 34);
    CHECK(plans(tape) == before + 1);
    CHECK(tape.runner().last_plan()->instructions.size() == 2);
    const tg::Gradients gradients = tg::backward(second * first);
    CHECK(numbers_of(gradients.at("a")) == std::vector<double>{2 * 68, 4 * 68, 6 * 68});
  }
  CHECK(tape.runner().misses() == 3);
  CHECK(tape.runner().hits() == 6);
}

TEST_CASE("the numbers of a tensor stay where they are until the tape is cleared") {
  tg::Tape tape;
  const tg::Tensor x = tape.input(tg::Array::from({1.0F, 2.0F, 3.0F}, {3}));
  const tg::Tensor ids = graph_test::some_ids(tape, {7, 8});
  const auto leaf = x.values();
  const auto whole = ids.values<std::int64_t>();
  const auto computed = (x + 1.0).values();
  for (int i = 0; i < 20; ++i) (void)tg::sum(tape.full({1 << (i % 16)}, 5.0)).item();
  CHECK(x.values().data() == leaf.data());
  CHECK(ids.values<std::int64_t>().data() == whole.data());
  CHECK(std::vector<float>(leaf.begin(), leaf.end()) == std::vector<float>{1, 2, 3});
  CHECK(std::vector<tg::Index>(whole.begin(), whole.end()) == std::vector<tg::Index>{7, 8});
  CHECK(std::vector<float>(computed.begin(), computed.end()) == std::vector<float>{2, 3, 4});
}

TEST_CASE("values check the element type and item the size") {
  tg::Tape tape;
  const tg::Tensor x = tape.full({2}, 1.0);
  CHECK(graph_test::holds(thrown([&] { (void)x.values<double>(); }),
                          "ShapeError: the tensor holds float32, asked for float64; at "));
  CHECK(
      graph_test::holds(thrown([&] { (void)x.item(); }),
                        "ShapeError: item: the tensor must have one element, got shape [2]; at "));
  CHECK(graph_test::holds(thrown([&] { tg::backward(x); }),
                          "backward: the loss must be one number, got float32 of shape [2]; at "));
}

TEST_CASE("assignments happen in order, after the run, and only if it succeeds") {
  tg::Parameters parameters;
  tg::Parameter& a = parameters.add("a", {2}, numbers({1, 2}));
  tg::Parameter& mean = parameters.add("mean", {2}, numbers({0, 0}));
  tg::Tape tape;
  const tg::Tensor x = tape(a) * 10.0;
  tape.assign_after_run(mean, x);
  tape.assign_after_run(mean, x + tape(mean) + 1.0);
  const tg::Tensor loss = tg::sum(x);
  CHECK(numbers_of(x) == std::vector<double>{10, 20});
  CHECK(numbers_of(mean.value()) == std::vector<double>{0, 0});
  SUBCASE("success") {
    tg::backward(loss);
    CHECK(numbers_of(mean.value()) == std::vector<double>{11, 21});
    CHECK(numbers_of(a.value()) == std::vector<double>{1, 2});
  }
  SUBCASE("failure") {
    const tg::Tensor bad = tg::one_hot(tg::argmax(x), 1);
    CHECK_THROWS_AS(tg::backward(loss + tg::sum(bad)), tg::ValueError);
    CHECK(numbers_of(mean.value()) == std::vector<double>{0, 0});
  }
  CHECK(graph_test::holds(thrown([&] { tape.assign_after_run(mean, loss); }),
                          "assign_after_run: parameter mean has shape [2], the value []"));
}

TEST_CASE("integers can be assigned to a parameter too") {
  tg::Parameters parameters;
  tg::Parameter& places = parameters.add("places", {2}, numbers({0, 0}));
  tg::Tape tape;
  const tg::Tensor x = tape.input(tg::Array::from({0.0F, 1.0F, 0.0F, 0.0F, 0.0F, 1.0F}, {2, 3}));
  tape.assign_after_run(places, tg::argmax(x));
  tg::backward(tg::sum(x));
  CHECK(numbers_of(places.value()) == std::vector<double>{1, 2});
}

TEST_CASE("a parameter that changed since it was recorded is an error that names it") {
  tg::Parameters parameters;
  tg::Parameter& a = parameters.add("a", {}, numbers({1}));
  tg::Parameter& weight = (parameters.root() / "layer").parameter("weight", {}, numbers({2}));
  const std::string expected =
      "TapeError: parameter layer/weight was changed after this tape recorded it: clear the tape "
      "and record anew";
  for (const tg::Dtype dtype : {tg::Dtype::float32, tg::Dtype::float64}) {
    tg::Tape tape({.dtype = dtype});
    const tg::Tensor loss = tape(a) * tape(weight);
    weight.mutable_value().set(0, 5);
    CHECK(thrown([&] { tg::backward(loss); }) == expected);
    CHECK(thrown([&] { (void)loss.item(); }) == expected);
    tape.clear();
    CHECK((tape(a) * tape(weight)).item() == 5);
    weight.assign(tg::Array::full({}, 2));
  }
}

TEST_CASE("a substitute stands in for a parameter's numbers until it is taken back") {
  tg::Parameters parameters;
  tg::Parameter& a = parameters.add("a", {2}, numbers({1, 2}));
  tg::Array other = tg::Array::from({10.0, 20.0}, {2});
  for (const tg::Dtype dtype : {tg::Dtype::float32, tg::Dtype::float64}) {
    tg::Tape tape({.dtype = dtype});
    tape.substitute(a, &other);
    const tg::Tensor loss = tg::sum(tg::square(tape(a)));
    CHECK(numbers_of(tg::backward(loss).at("a")) == std::vector<double>{20, 40});
    CHECK(loss.item() == 500);
    tape.clear();
    tape.substitute(a, nullptr);
    CHECK(tg::sum(tape(a)).item() == 3);
    CHECK(numbers_of(a.value()) == std::vector<double>{1, 2});
  }
}

TEST_CASE("many parameters on one tape are each recorded once") {
  tg::Parameters parameters;
  for (int i = 0; i < 500; ++i)
    parameters.add(graph_test::numbered("p", i), {}, numbers({1.0 * i}));
  tg::Tape tape;
  std::vector<tg::Tensor> leaves;
  for (const tg::Parameter& parameter : parameters) leaves.push_back(tape(parameter));
  std::size_t next = 0;
  for (const tg::Parameter& parameter : parameters)
    CHECK(tape(parameter).node() == leaves[next++].node());
  CHECK(tape.structure().count() == 500);
  CHECK(tg::add_all(leaves).item() == 499 * 250);
}
