// What optimizers and averages keep does not grow with the steps.
#include "optim_test_tools.h"

#include <optional>

#include <malloc.h>

namespace {

using namespace optim_test;

std::size_t bytes_in(const std::map<std::string, tg::Array>& state) {
  std::size_t total = 0;
  for (const auto& [name, array] : state) total += array.bytes();
  return total;
}

std::size_t heap_in_use() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace

TEST_CASE(
    "neither memory nor checkpoints of any optimizer grow over thousands of steps of "
    "ever-different rates and rows") {
  for (const Rule& rule : rules()) {
    for (const bool averaged : {false, true}) {
      for (const bool dense : {false, true}) {
        CAPTURE(rule.name);
        CAPTURE(averaged);
        CAPTURE(dense);
        Model model(rule, tg::Dtype::float64, 40, 2);
        std::optional<ExponentialMovingAverage> average;
        if (averaged) average.emplace(model.parameters(), AverageOptions{.decay = 0.999});
        tg::Random random(60);
        const auto train = [&](int steps) {
          for (int i = 0; i < steps; ++i) {
            model.optimizer().set_learning_rate(random.uniform(0.001, 0.002));
            HandMade gradient{.sparse = !dense};
            // Rows with gaps of every length, and one without any gradient.
            const tg::Index row =
                std::min<tg::Index>(38, static_cast<tg::Index>(1.0 / random.uniform(0.01, 1.0)));
            if (!dense) gradient.rows = {row};
            gradient.values.resize(dense ? 80 : 2, random.uniform(-1.0, 1.0));
            model.update(gradient);
            if (average) average->update(model.parameters());
          }
        };
        train(5000);
        model.table().value();
        const std::size_t heap = heap_in_use();
        const std::size_t state = bytes_in(model.optimizer().state(model.parameters()));
        train(15000);
        model.table().value();
        CHECK(bytes_in(model.optimizer().state(model.parameters())) == state);
        // Eight bytes a step would be 120,000.
        CHECK(heap_in_use() <= heap + 65536);
      }
    }
  }
}

TEST_CASE(
    "a checkpoint of a parameter whose gradients are dense holds what the rule keeps, and the "
    "number of steps") {
  Model model({"Adam", [] { return std::make_unique<Adam>(); }}, tg::Dtype::float32);
  Touches touches(61);
  for (int i = 0; i < 100; ++i) model.update(touches.next_dense());
  std::vector<std::string> names;
  for (const auto& [name, array] : model.optimizer().state(model.parameters()))
    names.push_back(name);
  CHECK(names == std::vector<std::string>{"learning_rate", "steps", "table.first_moment",
                                          "table.second_moment", "table.steps"});
}
