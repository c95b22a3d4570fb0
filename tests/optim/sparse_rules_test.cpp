// Row-sparse updates beside the dense rule: same numbers to rounding, whenever rows are read.
#include "optim_test_tools.h"

#include <cmath>

namespace {

using namespace optim_test;

// A stretch of training that depends on its seed alone: what happens at step 0, 1, ...
class Story {
 public:
  explicit Story(std::uint64_t seed, double dense_share = 0.0)
      : touches_(seed), dense_share_(dense_share) {}

  struct Step {
    HandMade gradient;
    double factor = 1.0;
    double rate = 0.0;  // 0: as it was
    // 0: not at all, 1: all, 2: by a tape that gathers some rows, 3: by a tape that needs all.
    int read = 0;
    std::vector<tg::Index> rows;
  };
  Step next(double rate) {
    tg::Random& random = touches_.random();
    Step step;
    step.gradient =
        random.uniform(0.0, 1.0) < dense_share_ ? touches_.next_dense() : touches_.next();
    if (random.uniform(0.0, 1.0) < 0.2) step.factor = random.uniform(0.1, 1.0);
    if (random.uniform(0.0, 1.0) < 0.02) step.rate = rate * random.uniform(0.2, 1.5);
    if (random.uniform(0.0, 1.0) < 0.1) step.read = 1 + static_cast<int>(random.below(3));
    for (int i = 0; i < 3; ++i) step.rows.push_back(random.below(24));
    return step;
  }

 private:
  Touches touches_;
  double dense_share_;
};

// Reads the table as the step says, and checks what was read against `expected` if there is one.
void read(tg::Tape& tape, Model& model, const Story::Step& step, const tg::Array* expected,
          double tolerance) {
  if (step.read == 1 && expected != nullptr)
    CHECK(distance(*expected, model.table().value()) <= tolerance);
  else if (step.read == 1)
    model.table().value();
  if (step.read < 2) return;
  tape.clear();
  const tg::Tensor table = tape(model.table());
  const tg::Tensor seen = step.read == 2
                              ? tg::gather_rows(table, graph_test::some_ids(tape, step.rows))
                              : tg::square(table);
  const tg::Array numbers = seen.copy();
  if (expected == nullptr) return;
  for (tg::Index i = 0; i < numbers.size(); ++i) {
    const tg::Index row = step.rows[static_cast<std::size_t>(i / 5) % step.rows.size()];
    const double wanted =
        step.read == 2 ? expected->at(row * 5 + i % 5) : expected->at(i) * expected->at(i);
    REQUIRE(std::abs(numbers.at(i) - wanted) <= tolerance * std::max(1.0, std::abs(wanted)) * 3.0);
  }
}

void check_against_dense(const Rule& rule, tg::Dtype dtype, std::uint64_t seed, double dense_share,
                         int steps) {
  CAPTURE(rule.name);
  CAPTURE(seed);
  Model sparse(rule, dtype);
  Model dense(rule, dtype);
  tg::Tape tape({.dtype = dtype});
  Story story(seed, dense_share);
  const double rate = sparse.optimizer().learning_rate();
  for (int i = 0; i < steps; ++i) {
    CAPTURE(i);
    const Story::Step step = story.next(rate);
    if (step.rate != 0.0) {
      sparse.optimizer().set_learning_rate(step.rate);
      dense.optimizer().set_learning_rate(step.rate);
    }
    if (i == steps / 3) {
      for (Model* model : {&sparse, &dense}) {
        model->table().set_group("slow");
        model->optimizer().set_group_factor("slow", 0.5);
      }
    }
    sparse.update(step.gradient, step.factor);
    dense.update_dense(step.gradient, step.factor);
    // The dense float rule itself drifts by the rounding of its constants, step by step.
    const double tolerance = dtype == tg::Dtype::float64 ? 1e-12 : 2e-6 + 2e-8 * i;
    read(tape, sparse, step, &dense.table().value(), tolerance);
  }
  CHECK(distance(dense.table().value(), sparse.table().value()) <=
        (dtype == tg::Dtype::float64 ? 1e-12 : 2e-6 + 2e-8 * steps));
}

}  // namespace

TEST_CASE(
    "row-sparse updates equal the dense rule in double precision, over long gaps and changing "
    "rates") {
  for (const Rule& rule : rules()) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed)
      check_against_dense(rule, tg::Dtype::float64, seed, 0.0, 1500);
  }
}

TEST_CASE(
    "row-sparse updates equal the dense rule in single precision, over long gaps and changing "
    "rates") {
  for (const Rule& rule : rules()) {
    for (std::uint64_t seed = 4; seed <= 6; ++seed)
      check_against_dense(rule, tg::Dtype::float32, seed, 0.0, 1500);
  }
}

TEST_CASE("one parameter may have row-sparse gradients at some steps and dense ones at others") {
  for (const Rule& rule : rules()) {
    for (std::uint64_t seed = 7; seed <= 8; ++seed) {
      check_against_dense(rule, tg::Dtype::float64, seed, 0.02, 600);
      check_against_dense(rule, tg::Dtype::float64, seed, 0.5, 200);
      check_against_dense(rule, tg::Dtype::float32, seed, 0.05, 600);
    }
  }
}

TEST_CASE(
    "a first gradient that is row-sparse after many dense ones goes on from where they left") {
  for (const Rule& rule : rules()) {
    CAPTURE(rule.name);
    Model sparse(rule, tg::Dtype::float64);
    Model dense(rule, tg::Dtype::float64);
    Touches touches(9);
    for (int i = 0; i < 400; ++i) {
      const HandMade gradient = i < 100 ? touches.next_dense() : touches.next();
      sparse.update(gradient);
      dense.update_dense(gradient);
    }
    CHECK(distance(dense.table().value(), sparse.table().value()) <= 1e-12);
  }
}

TEST_CASE("the bits of a table do not depend on when, how or how often its rows were read") {
  for (const tg::Dtype dtype : {tg::Dtype::float32, tg::Dtype::float64}) {
    for (const Rule& rule : rules()) {
      for (std::uint64_t seed = 10; seed <= 12; ++seed) {
        CAPTURE(rule.name);
        CAPTURE(seed);
        Model reading(rule, dtype);
        Model silent(rule, dtype);
        tg::Tape tape({.dtype = dtype});
        Story story(seed, 0.01);
        for (int i = 0; i < 1000; ++i) {
          const Story::Step step = story.next(0.01);
          if (step.rate != 0.0) reading.optimizer().set_learning_rate(step.rate);
          if (step.rate != 0.0) silent.optimizer().set_learning_rate(step.rate);
          reading.update(step.gradient, step.factor);
          silent.update(step.gradient, step.factor);
          read(tape, reading, step, nullptr, 0.0);
          if (step.read == 1) reading.table().value();
        }
        CHECK(reading.table().value() == silent.table().value());
        CHECK(reading.optimizer().state(reading.parameters()) ==
              silent.optimizer().state(silent.parameters()));
      }
    }
  }
}

TEST_CASE("numbers near the end of the range leave the bits independent of reading too") {
  for (const Rule& rule : rules()) {
    for (const double scale : {1e-33, 1e-35, 1e-36, 1e-37}) {
      CAPTURE(rule.name);
      CAPTURE(scale);
      Model reading(rule, tg::Dtype::float32);
      Model silent(rule, tg::Dtype::float32);
      for (Model* model : {&reading, &silent}) {
        for (float& value : model->table().mutable_value().values<float>())
          value *= static_cast<float>(scale);
      }
      Touches touches(13);
      tg::Tape tape;
      for (int i = 0; i < 300; ++i) {
        HandMade gradient = touches.next();
        for (double& value : gradient.values) value *= scale;
        reading.update(gradient);
        silent.update(gradient);
        tape.clear();
        if (i % 2 == 0)
          reading.table().value();
        else
          tg::sum(tape(reading.table())).item();
      }
      CHECK(reading.table().value() == silent.table().value());
    }
  }
}

TEST_CASE(
    "rows that have a gradient at every step have the dense rule's bits, also near the end of the "
    "range") {
  for (const Rule& rule : rules()) {
    for (const double scale : {1.0, 1e-36, 1e-38}) {
      CAPTURE(rule.name);
      CAPTURE(scale);
      Model sparse(rule, tg::Dtype::float32);
      Model dense(rule, tg::Dtype::float32);
      for (Model* model : {&sparse, &dense}) {
        for (float& value : model->table().mutable_value().values<float>())
          value *= static_cast<float>(scale);
      }
      Touches touches(14);
      for (int i = 0; i < 50; ++i) {
        HandMade gradient = touches.next_dense();
        for (double& value : gradient.values) value *= scale;
        dense.update(gradient);
        gradient.sparse = true;
        for (tg::Index row = 0; row < 24; ++row) gradient.rows.push_back(row);
        sparse.update(gradient);
      }
      CHECK(sparse.table().value() == dense.table().value());
    }
  }
}
