// Clipping, factors, groups and versions.
#include "optim_test_tools.h"

#include <cmath>
#include <limits>

namespace {

using namespace optim_test;

tg::Array moved(const Rule& rule, const HandMade& gradient,
                const std::function<void(tg::Gradients&)>& change) {
  Model model(rule, tg::Dtype::float64, 3, 2);
  HandMade own = gradient;
  own.parameter = &model.table();
  tg::Gradients gradients = gradients_of({own}, tg::Dtype::float64);
  change(gradients);
  model.optimizer().update(model.parameters(), gradients);
  return model.table().value();
}

}  // namespace

TEST_CASE(
    "clipping scales all gradients together, and optimizers honour it for dense and row-sparse "
    "gradients") {
  for (const Rule& rule : rules()) {
    CAPTURE(rule.name);
    const HandMade dense{.values = {3, 0, 0, 0, 0, 4}};
    const HandMade sparse{.sparse = true, .rows = {0, 2}, .values = {3, 0, 0, 4}};
    const HandMade scaled{.values = {1.5, 0, 0, 0, 0, 2}};
    const tg::Array expected = moved(rule, scaled, [](tg::Gradients&) {});
    const auto clip = [](tg::Gradients& gradients) {
      CHECK(clip_by_global_norm(gradients, 2.5) == 5.0);
      CHECK(gradients.norm() == 2.5);
    };
    CHECK(distance(expected, moved(rule, dense, clip)) <= 1e-15);
    CHECK(distance(expected, moved(rule, sparse, clip)) <= 1e-15);
    CHECK(moved(rule, dense, [](tg::Gradients& gradients) {
            clip_by_global_norm(gradients, 5.0);
          }) == moved(rule, dense, [](tg::Gradients&) {}));
  }
}

TEST_CASE("the norm is that of all parameters' gradients, with earlier factors") {
  tg::Parameters parameters;
  const tg::Parameter& a = parameters.add("a", {2}, uniform());
  const tg::Parameter& b = parameters.add("b", {4, 1}, uniform());
  tg::Gradients gradients =
      gradients_of({{.parameter = &a, .values = {2, 4}},
                    {.parameter = &b, .sparse = true, .rows = {3}, .values = {4}}},
                   tg::Dtype::float32);
  CHECK(clip_by_global_norm(gradients, 100.0) == 6.0);
  CHECK(gradients.factor() == 1.0);
  gradients.scale(0.5);
  CHECK(clip_by_global_norm(gradients, 1.5) == 3.0);
  CHECK(gradients.factor() == 0.25);
  CHECK(gradients.at("b").at(3) == 1.0);
  CHECK(gradients.norm(b) == 1.0);
  CHECK(gradients.norm(a) == doctest::Approx(0.25 * std::sqrt(20.0)).epsilon(1e-15));
  CHECK(gradients.norm(parameters.add("c", {1}, uniform())) == 0.0);
}

TEST_CASE("gradients that are not finite are left alone, and their norm is returned") {
  tg::Parameters parameters;
  const tg::Parameter& a = parameters.add("a", {2}, uniform());
  for (const double bad :
       {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    tg::Gradients gradients =
        gradients_of({{.parameter = &a, .values = {bad, 1}}}, tg::Dtype::float32);
    CHECK(!std::isfinite(clip_by_global_norm(gradients, 1.0)));
    CHECK(gradients.factor() == 1.0);
  }
  tg::Gradients none;
  CHECK(clip_by_global_norm(none, 1.0) == 0.0);
  for (const double limit : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
    CHECK(holds(thrown([&] { clip_by_global_norm(none, limit); }),
                "ValueError: clip_by_global_norm: the limit must be positive"));
  }
}

TEST_CASE(
    "a group's factor multiplies its rate alone, and a parameter without a gradient neither moves "
    "nor changes its version") {
  tg::Parameters parameters;
  tg::Parameter& fast = parameters.add("fast", {1}, graph_test::numbers({1}));
  tg::Parameter& slow = parameters.add("slow", {1}, graph_test::numbers({1}));
  const tg::Parameter& resting = parameters.add("resting", {1}, graph_test::numbers({1}));
  slow.set_group("tower");
  Sgd sgd({.learning_rate = 0.5});
  sgd.set_group_factor("tower", 0.25);
  const auto step = [&] {
    sgd.update(parameters, gradients_of({{.parameter = &fast, .values = {1}},
                                         {.parameter = &slow, .values = {1}}},
                                        tg::Dtype::float32));
  };
  step();
  CHECK(fast.value().at(0) == 0.5);
  CHECK(slow.value().at(0) == 0.875);
  CHECK(resting.value().at(0) == 1.0);
  CHECK(fast.version() == 1);
  CHECK(resting.version() == 0);
  sgd.set_learning_rate(0.25);
  CHECK(sgd.learning_rate() == 0.25);
  step();
  CHECK(fast.value().at(0) == 0.25);
  CHECK(slow.value().at(0) == 0.8125);
  CHECK(sgd.steps() == 2);
}

TEST_CASE("large updates are the same for any number of threads") {
  for (const bool sparse : {false, true}) {
    std::vector<tg::Array> results;
    for (const int threads : {1, 2, 4}) {
      Model model({"Adam", [&] { return std::make_unique<Adam>(AdamOptions{.threads = threads}); }},
                  tg::Dtype::float32, 3000, 67);
      Touches touches(30, 3000, 67);
      for (int i = 0; i < 3; ++i) model.update(sparse ? touches.next() : touches.next_dense());
      results.push_back(model.table().value());
    }
    CHECK(results[0] == results[1]);
    CHECK(results[0] == results[2]);
  }
}

TEST_CASE("tables that are vectors or have more than two axes train as dense ones") {
  for (const tg::Shape& shape : {tg::Shape{7}, tg::Shape{7, 2, 3}}) {
    CAPTURE(shape.to_string());
    tg::Parameters gathered(5, tg::Dtype::float64);
    tg::Parameters whole(5, tg::Dtype::float64);
    Adam one, other;
    tg::Tape tape({.dtype = tg::Dtype::float64});
    gathered.add("table", shape, uniform());
    whole.add("table", shape, uniform());
    for (const tg::Index id : {3, 1, 1, 6, 0, 3, 2, 2}) {
      tape.clear();
      one.update(gathered, tg::backward(tg::sum(tg::square(tg::gather_rows(
                               tape(gathered.at("table")), graph_test::some_ids(tape, {id, 3}))))));
      tape.clear();
      const tg::Tensor squares = tg::square(tape(whole.at("table")));
      const auto rows = [&](tg::Index row) { return tg::sum(tg::slice(squares, 0, row, row + 1)); };
      other.update(whole, tg::backward(rows(id) + rows(3)));
      tape.clear();
      CHECK(tg::sum(tape(gathered.at("table"))).item() ==
            doctest::Approx(tg::sum(tape(whole.at("table"))).item()));
    }
    CHECK(distance(whole.at("table").value(), gathered.at("table").value()) <= 1e-12);
  }
}

TEST_CASE(
    "clipping by value bounds every number, factors first, and leaves the old gradients as they "
    "were") {
  tg::Parameters parameters;
  const tg::Parameter& a = parameters.add("a", {3}, uniform());
  const tg::Parameter& b = parameters.add("b", {4, 1}, uniform());
  tg::Gradients gradients =
      gradients_of({{.parameter = &a, .values = {2, -4, 1}},
                    {.parameter = &b, .sparse = true, .rows = {3}, .values = {4}}},
                   tg::Dtype::float32);
  gradients.scale(0.5);
  const tg::Gradients before = gradients;
  clip_by_value(gradients, 0.75);
  CHECK(gradients.at("a") == tg::Array::from({0.75F, -0.75F, 0.5F}, {3}));
  CHECK(gradients.entries()[1].sparse);
  CHECK(gradients.at("b").at(3) == 0.75);
  CHECK(before.at("a").at(1) == -2.0);
  CHECK(holds(thrown([&] { clip_by_value(gradients, 0.0); }),
              "ValueError: clip_by_value: the limit must be positive, got 0"));
}
