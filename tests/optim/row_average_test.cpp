// The moving average of a table that is followed row by row, beside the formula over the whole
// table.
#include "optim_test_tools.h"

#include <optional>

namespace {

using namespace optim_test;

// The formula, on the whole table at every look.
class WholeAverage {
 public:
  WholeAverage(const tg::Array& start, const AverageOptions& options)
      : options_(options), average_(start) {}
  void update(const tg::Array& weights) {
    ++steps_;
    if (steps_ % options_.every != 0) return;
    const double decay =
        std::pow(std::min(options_.decay, (1.0 + steps_) / (10.0 + steps_)), options_.every);
    for (tg::Index i = 0; i < average_.size(); ++i)
      average_.set(i, decay * average_.at(i) + (1.0 - decay) * weights.at(i));
  }
  const tg::Array& average() const { return average_; }

 private:
  AverageOptions options_;
  tg::Array average_;
  int steps_ = 0;
};

const std::vector<AverageOptions>& average_options() {
  static const std::vector<AverageOptions> all{
      {.decay = 0.99}, {.decay = 0.9998}, {.decay = 0.9, .every = 7}, {.decay = 0.0}};
  return all;
}

// A model with an average, and what happens to it step by step, from the seed alone.
class Averaged {
 public:
  Averaged(const Rule& rule, tg::Dtype dtype, const AverageOptions& options)
      : model_(rule, dtype),
        average_(std::in_place, model_.parameters(), options),
        options_(options) {}

  void step(const HandMade& gradient) {
    model_.update(gradient);
    average_->update(model_.parameters());
  }
  Model& model() { return model_; }
  ExponentialMovingAverage& average() { return *average_; }
  tg::Array now() const { return average_->averages()[0]; }
  void begin_average_anew() { average_.emplace(model_.parameters(), options_); }
  bool operator==(Averaged& other) {
    return model_.table().value() == other.model_.table().value() && now() == other.now() &&
           model_.optimizer().state(model_.parameters()) ==
               other.model_.optimizer().state(other.model_.parameters());
  }

 private:
  Model model_;
  std::optional<ExponentialMovingAverage> average_;
  AverageOptions options_;
};

RowState* rows_of(Model& model) { return dynamic_cast<RowState*>(model.table().pending()); }

}  // namespace

TEST_CASE(
    "the average of every optimizer's rows equals the formula's over the whole table, over long "
    "gaps and changing rates") {
  for (const tg::Dtype dtype : {tg::Dtype::float64, tg::Dtype::float32}) {
    for (const Rule& rule : rules()) {
      for (const AverageOptions& options : average_options()) {
        CAPTURE(rule.name);
        CAPTURE(options.decay);
        Averaged rows(rule, dtype, options);
        Model dense(rule, dtype);
        WholeAverage whole(dense.table().value().to(tg::Dtype::float64), options);
        Touches touches(50);
        const double rate = dense.optimizer().learning_rate();
        for (int i = 0; i < 1300; ++i) {
          CAPTURE(i);
          const HandMade gradient = i % 400 == 399 ? touches.next_dense() : touches.next();
          if (i % 97 == 0) {
            const double changed = rate * touches.random().uniform(0.2, 1.5);
            rows.model().optimizer().set_learning_rate(changed);
            dense.optimizer().set_learning_rate(changed);
          }
          rows.step(gradient);
          dense.update_dense(gradient);
          whole.update(dense.table().value());
          if (i % 50 == 3 || i > 1290)
            REQUIRE(distance(whole.average(), rows.now()) <=
                    (dtype == tg::Dtype::float64 ? 1e-12 : 4e-6 + 4e-8 * i));
        }
      }
    }
  }
}

TEST_CASE("rows that have no gradient for many windows are averaged as by the formula") {
  for (const Rule& rule : rules()) {
    for (const AverageOptions& options : average_options()) {
      CAPTURE(rule.name);
      CAPTURE(options.decay);
      Averaged rows(rule, tg::Dtype::float64, options);
      Model dense(rule, tg::Dtype::float64);
      WholeAverage whole(dense.table().value(), options);
      Touches touches(57);
      for (int i = 0; i < 2700; ++i) {
        CAPTURE(i);
        // All rows move at first; then one does, and the others only by what they owe.
        HandMade gradient = touches.next_dense();
        if (i >= 20)
          gradient = {.sparse = true,
                      .rows = {7},
                      .values = std::vector<double>(5, touches.random().uniform(-1, 1))};
        rows.step(gradient);
        dense.update_dense(gradient);
        whole.update(dense.table().value());
        if (i % 300 == 299) REQUIRE(distance(whole.average(), rows.now()) <= 1e-12);
      }
    }
  }
}

TEST_CASE("the bits of averages and weights do not depend on when either was read or exchanged") {
  for (const tg::Dtype dtype : {tg::Dtype::float32, tg::Dtype::float64}) {
    for (const Rule& rule : rules()) {
      for (const AverageOptions& options : average_options()) {
        CAPTURE(rule.name);
        CAPTURE(options.decay);
        Averaged reading(rule, dtype, options);
        Averaged silent(rule, dtype, options);
        Touches touches(51);
        tg::Tape tape({.dtype = dtype});
        for (int i = 0; i < 1200; ++i) {
          const HandMade gradient = i % 500 == 250 ? touches.next_dense() : touches.next();
          reading.step(gradient);
          silent.step(gradient);
          if (i % 3 == 0) reading.now();
          if (i % 7 == 0) reading.model().table().value();
          if (i % 11 == 0) {
            tape.clear();
            tg::gather_rows(tape(reading.model().table()), graph_test::some_ids(tape, {i % 24, 3}))
                .copy();
          }
          // With `every`, an exchange looks before its time: at the same step in both.
          if (i % 91 != 90) continue;
          reading.average().exchange(reading.model().parameters());
          reading.average().exchange(reading.model().parameters());
          silent.average().exchange(silent.model().parameters());
          silent.average().exchange(silent.model().parameters());
        }
        CHECK(reading == silent);
      }
    }
  }
}

TEST_CASE("exchanging averages and weights twice changes no bits of either") {
  for (const Rule& rule : rules()) {
    CAPTURE(rule.name);
    Averaged exchanging(rule, tg::Dtype::float32, {.decay = 0.99});
    Averaged silent(rule, tg::Dtype::float32, {.decay = 0.99});
    Touches touches(52);
    for (int i = 0; i < 700; ++i) {
      const HandMade gradient = touches.next();
      exchanging.step(gradient);
      silent.step(gradient);
      if (i % 9 != 0) continue;
      const tg::Array average = exchanging.now();
      const tg::Array weights = exchanging.model().table().value();
      exchanging.average().exchange(exchanging.model().parameters());
      CHECK(exchanging.model().table().value() == average);
      exchanging.average().exchange(exchanging.model().parameters());
      CHECK(exchanging.model().table().value() == weights);
      CHECK(exchanging.now() == average);
    }
    CHECK(exchanging == silent);
  }
}

TEST_CASE("an averaged training that was saved and restored at any step goes on bit by bit") {
  for (const Rule& rule : rules()) {
    for (const int stop : {1, 2, 130, 602, 1150}) {
      for (const int every : {1, 4}) {
        CAPTURE(rule.name);
        CAPTURE(stop);
        CAPTURE(every);
        const AverageOptions options{.decay = 0.995, .every = every};
        Averaged whole(rule, tg::Dtype::float32, options);
        Averaged second(rule, tg::Dtype::float32, options);
        Touches touches(53);
        for (int i = 0; i < 1300; ++i) {
          const HandMade gradient = touches.next();
          whole.step(gradient);
          if (i >= stop) second.step(gradient);
          if (i + 1 != stop) continue;
          second.model().parameters().restore(whole.model().parameters().snapshot());
          second.model().optimizer().restore(
              second.model().parameters(),
              whole.model().optimizer().state(whole.model().parameters()));
          second.average().restore(whole.average().averages(), whole.average().steps(),
                                   whole.average().steps_in());
          // As at the end of an epoch, or of the training, with `every`: an exchange that looks
          // before the next update.
          for (Averaged* averaged : {&whole, &second})
            averaged->average().exchange(averaged->model().parameters());
          CHECK(second.model().table().value() == whole.model().table().value());
          for (Averaged* averaged : {&whole, &second})
            averaged->average().exchange(averaged->model().parameters());
        }
        CHECK(second == whole);
      }
    }
  }
}

TEST_CASE(
    "numbers set from outside, other optimizers and new averages in the middle of training are "
    "averaged as they come") {
  for (const Rule& rule : rules()) {
    for (const Rule& other : {rules()[0], rules()[1], rules()[8]}) {
      CAPTURE(rule.name);
      CAPTURE(other.name);
      const AverageOptions options{.decay = 0.98};
      Averaged rows(rule, tg::Dtype::float64, options);
      Model dense(rule, tg::Dtype::float64);
      std::optional<WholeAverage> whole(std::in_place, dense.table().value(), options);
      const auto second_rows = other.make();
      const auto second_dense = other.make();
      Touches touches(54);
      for (int i = 0; i < 400; ++i) {
        CAPTURE(i);
        HandMade gradient = touches.next();
        if (i / 40 % 3 == 2) {
          gradient.parameter = &rows.model().table();
          second_rows->update(rows.model().parameters(),
                              gradients_of({gradient}, tg::Dtype::float64));
          rows.average().update(rows.model().parameters());
          gradient.parameter = &dense.table();
          second_dense->update(dense.parameters(),
                               gradients_of({made_dense(gradient)}, tg::Dtype::float64));
        } else {
          rows.step(gradient);
          dense.update_dense(gradient);
        }
        whole->update(dense.table().value());
        if (i % 60 == 30) {
          tg::Array numbers = dense.table().value();
          for (tg::Index at = 0; at < numbers.size(); at += 3)
            numbers.set(at, touches.random().uniform(-1.0, 1.0));
          rows.model().table().assign(numbers);
          dense.table().assign(numbers);
          // A look without an update between.
          rows.average().update(rows.model().parameters());
          whole->update(numbers);
        }
        if (i == 211) {
          rows.begin_average_anew();
          whole.emplace(dense.table().value(), options);
        }
        REQUIRE(distance(whole->average(), rows.now()) <= 1e-12);
      }
    }
  }
}

TEST_CASE("a second average of one table is right too") {
  for (const Rule& rule : rules()) {
    CAPTURE(rule.name);
    Averaged rows(rule, tg::Dtype::float64, {.decay = 0.9});
    ExponentialMovingAverage second(rows.model().parameters(), {.decay = 0.99});
    WholeAverage whole(rows.model().table().value(), {.decay = 0.99});
    Touches touches(55);
    for (int i = 0; i < 100; ++i) {
      rows.step(touches.next());
      second.update(rows.model().parameters());
      whole.update(rows.model().table().value());
    }
    CHECK(distance(whole.average(), second.averages()[0]) <= 1e-12);
  }
}

TEST_CASE(
    "a step reads, moves and averages the rows of its gradient, with every optimizer, average, "
    "clipping and decay") {
  struct Clip {
    const char* name;
    std::function<void(tg::Gradients&)> apply;
  };
  const std::vector<Clip> clips{
      {"none", [](tg::Gradients&) {}},
      {"norm", [](tg::Gradients& gradients) { clip_by_global_norm(gradients, 0.1); }},
      {"value", [](tg::Gradients& gradients) { clip_by_value(gradients, 0.1); }}};
  constexpr tg::Index count = 20000;
  constexpr int steps = 2000, touched = 3;
  for (const Rule& rule : rules()) {
    // L2 moves every row at every step, and is dense.
    if (holds(rule.name, "L2") || holds(rule.name, "with decay")) continue;
    for (const bool averaged : {false, true}) {
      for (const Clip& clip : clips) {
        CAPTURE(rule.name);
        CAPTURE(averaged);
        CAPTURE(std::string(clip.name));
        Model model(rule, tg::Dtype::float32, count, 1);
        std::optional<ExponentialMovingAverage> average;
        if (averaged) average.emplace(model.parameters(), AverageOptions{.decay = 0.99});
        tg::Random random(56);
        std::uint64_t worst = 0;
        for (int i = 0; i < steps; ++i) {
          const tg::Index row = random.below(count / touched - 1);
          tg::Gradients gradients =
              gradients_of({{.parameter = &model.table(),
                             .sparse = true,
                             .rows = {row, row + count / touched, row + 2 * (count / touched)},
                             .values = {1.0, -1.0, 0.5}}},
                           tg::Dtype::float32);
          const std::uint64_t before = i == 0 ? 0 : rows_of(model)->rows_touched();
          clip.apply(gradients);
          CHECK(gradients.entries()[0].count == touched);
          model.optimizer().update(model.parameters(), gradients);
          if (average) average->update(model.parameters());
          worst = std::max(worst, rows_of(model)->rows_touched() - before);
        }
        // A step's rows, and those that it brings up to date for their age: of this table it looks
        // at the 512th part. Where all weights decay, every row is brought up to date once in a
        // window.
        const bool decays = rule.name == "AdamW";
        CHECK(worst <= touched + count / 512 + 1);
        CHECK(rows_of(model)->rows_touched() <=
              static_cast<std::uint64_t>(2 * steps * touched + (decays ? count : 0)));
        if (average) CHECK(average->rows_read() == 0);
      }
    }
  }
}

TEST_CASE("an average reads nothing of a parameter that does not change") {
  tg::Parameters parameters(1);
  tg::Parameter& moving = parameters.add("moving", {2, 3}, uniform());
  parameters.add("resting", {50, 3}, uniform());
  ExponentialMovingAverage average(parameters, {.decay = 0.9});
  for (int i = 0; i < 10; ++i) {
    moving.mutable_value().set(0, i);
    average.update(parameters);
  }
  CHECK(average.rows_read() == 20);
  CHECK(average.averages()[1] == parameters.at("resting").value());
}

TEST_CASE("misuse of an average is told, and leaves it as it was") {
  tg::Parameters parameters(1), others(1);
  parameters.add("w", {2}, uniform());
  others.add("w", {2}, uniform());
  ExponentialMovingAverage average(parameters, {.decay = 0.9});
  CHECK(holds(thrown([&] { average.update(others); }),
              "ValueError: the moving average was made of other parameters"));
  CHECK(holds(thrown([&] { average.exchange(others); }),
              "ValueError: the moving average was made of other parameters"));
  const tg::Parameters::Snapshot before = average.averages();
  CHECK(holds(thrown([&] { average.restore({}, 1, 1); }),
              "ValueError: the averages are of 0 parameters, expected 1"));
  CHECK(holds(thrown([&] { average.restore({tg::Array({3})}, 1, 1); }),
              "the average of parameter 0 has shape [3] of float32"));
  CHECK(holds(thrown([&] { average.restore({tg::Array({2})}, 1, 2); }),
              "the averages hold 2 of 1 steps"));
  CHECK(average.averages() == before);
  average.exchange(parameters);
  CHECK(holds(thrown([&] { average.update(parameters); }),
              "ValueError: the averages are in the parameters' place"));
  average.exchange(parameters);
  parameters.add("late", {2}, uniform());
  CHECK(holds(thrown([&] { average.update(parameters); }),
              "ValueError: the moving average was made of other parameters: of 1"));
  ExponentialMovingAverage moved(std::move(average));
  CHECK(moved.averages() == before);
  CHECK(holds(thrown([&] { average.update(parameters); }),
              "ValueError: the moving average was moved from"));
  CHECK(average.averages().empty());
}
