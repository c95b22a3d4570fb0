// What makes a new plan and what does not; hits give the bits of misses.
#include "random_graph.h"

#include <tapegrad/graph/differentiate.h>

namespace {

namespace tg = tapegrad;
using graph_test::numbers_of;
using graph_test::some_ids;

struct Counts {
  std::size_t hits, misses;
  bool operator==(const Counts&) const = default;
};
Counts counts(tg::Tape& tape) { return {tape.runner().hits(), tape.runner().misses()}; }

struct Model {
  tg::Parameters parameters{3};
  tg::Parameter& table = parameters.add("table", {5, 4}, graph_test::uniform());
  tg::Parameter& left = parameters.add("left", {4, 4}, graph_test::uniform());
  tg::Parameter& right = parameters.add("right", {4, 4}, graph_test::uniform());
};

}  // namespace

TEST_CASE("data, ids, constants, parameters and the step change without a new plan, and are used") {
  Model model;
  tg::Tape tape({.seed = 6});
  std::vector<double> losses;
  for (int step = 0; step < 5; ++step) {
    tape.clear();
    const tg::Tensor rows =
        tg::gather_rows(tape(model.table), some_ids(tape, {step % 5, 1, (2 * step) % 5}));
    const tg::Tensor data = tape.full({3, 4}, step + 1.0);
    const tg::Tensor kept = tg::dropout(tg::matmul(rows, tape(model.left)), 0.5);
    const tg::Tensor loss =
        tg::sum(tg::square(kept + data) * (0.1 * step)) + tg::sum(data * (1.0 + step));
    tg::backward(loss);
    losses.push_back(loss.item());
    // The same on a tape of its own is the truth.
    tg::Tape fresh({.seed = 6});
    fresh.set_step(tape.step());
    const tg::Tensor fresh_rows =
        tg::gather_rows(fresh(model.table), some_ids(fresh, {step % 5, 1, (2 * step) % 5}));
    const tg::Tensor fresh_data = fresh.full({3, 4}, step + 1.0);
    const tg::Tensor fresh_kept = tg::dropout(tg::matmul(fresh_rows, fresh(model.left)), 0.5);
    const tg::Tensor same = tg::sum(tg::square(fresh_kept + fresh_data) * (0.1 * step)) +
                            tg::sum(fresh_data * (1.0 + step));
    tg::backward(same);
    CHECK(same.item() == losses.back());
    model.left.mutable_value().set(0, 0.1 * step);
  }
  CHECK(counts(tape) == Counts{4, 1});
}

TEST_CASE(
    "another shape, another way through the leaves, another request or another mode is a miss") {
  Model model;
  tg::Tape tape;
  const auto product = [&](tg::Index rows, const tg::Parameter& a, const tg::Parameter& b) {
    tape.clear();
    return tg::sum(tg::matmul(tg::matmul(tape.full({rows, 4}, 1), tape(a)), tape(b)));
  };
  const auto expect = [&](bool hit, const std::function<void()>& action) {
    const Counts before = counts(tape);
    action();
    CHECK(counts(tape) == Counts{before.hits + (hit ? 1 : 0), before.misses + (hit ? 0 : 1)});
  };
  expect(false, [&] { tg::backward(product(2, model.left, model.right)); });
  expect(true, [&] { tg::backward(product(2, model.left, model.right)); });
  expect(true, [&] { tg::backward(product(2, model.right, model.left)); });
  expect(false, [&] { tg::backward(product(3, model.left, model.right)); });
  expect(false, [&] { tg::backward(product(2, model.left, model.left)); });
  expect(true, [&] {
    CHECK(numbers_of(tg::backward(product(2, model.right, model.right)).at("right")).size() == 16);
  });
  expect(false, [&] { (void)product(2, model.left, model.right).item(); });
  expect(true, [&] { (void)product(2, model.left, model.right).item(); });
  expect(false, [&] {
    const tg::Tensor loss = product(2, model.left, model.right);
    tape.keep(tape(model.left) * 1.0);
    tg::backward(loss);
  });
  model.left.freeze();
  expect(false, [&] { CHECK(tg::backward(product(2, model.left, model.right)).size() == 1); });
  model.left.freeze(false);
  expect(true, [&] { CHECK(tg::backward(product(2, model.left, model.right)).size() == 2); });
  expect(false, [&] {
    tape.clear();
    const tg::NoGradient guard(tape);
    CHECK(tg::backward(tg::sum(tg::matmul(tape.full({2, 4}, 1), tape(model.left)))).size() == 0);
  });
}

TEST_CASE("hits give the bits of misses, and a tape without a cache the same bits") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    graph_test::RandomGraph graph(seed, 4, 20);
    tg::Tape tape({.threads = 1});
    tg::Tape uncached({.threads = 1, .plan_cache = false});
    const auto miss = outcome(graph, tape);
    CHECK(outcome(graph, tape) == miss);
    CHECK(outcome(graph, uncached) == miss);
    CHECK(outcome(graph, uncached) == miss);
    CHECK(counts(tape) == Counts{1, 1});
    CHECK(counts(uncached) == Counts{0, 0});
  }
}

TEST_CASE("the least recently used plans go when the cache is full") {
  Model model;
  const auto step = [&](tg::Tape& tape, tg::Index rows) {
    tape.clear();
    return numbers_of(
        tg::backward(tg::sum(tg::tanh(tg::matmul(tape.full({rows, 4}, 0.5), tape(model.left)))))
            .at("left"));
  };
  tg::Tape one;
  step(one, 1);
  const std::size_t bytes = one.runner().last_plan()->bytes();
  REQUIRE(bytes > 500);
  tg::Tape tape({.plan_cache_bytes = bytes * 9 / 2});  // room for four
  for (tg::Index rows = 1; rows <= 4; ++rows) step(tape, rows);
  for (tg::Index rows = 1; rows <= 4; ++rows) step(tape, rows);
  CHECK(counts(tape) == Counts{4, 4});
  step(tape, 5);  // the oldest go
  step(tape, 4);
  CHECK(counts(tape) == Counts{5, 5});
  step(tape, 1);
  CHECK(counts(tape) == Counts{5, 6});
  tg::Tape none({.plan_cache_bytes = 1});
  const auto expected = step(one, 3);
  for (int i = 0; i < 3; ++i) CHECK(step(none, 3) == expected);
  CHECK(counts(none) == Counts{0, 3});
}

TEST_CASE("backward appends nothing to the tape, hit or miss, and gradients() shows its nodes") {
  Model model;
  tg::Tape tape;
  for (int step = 0; step < 2; ++step) {
    tape.clear();
    const tg::Tensor loss = tg::sum(tg::square(tape(model.left)));
    const tg::NodeId count = tape.structure().count();
    const std::vector<tg::NodeId> inputs = tape.structure().inputs;
    tg::backward(loss);
    CHECK(tape.structure().count() == count);
    CHECK(tape.structure().inputs == inputs);
    const tg::Tensor more = loss + 1.0;
    CHECK(more.item() == doctest::Approx(loss.item() + 1.0));
  }
  tape.clear();
  const tg::Tensor left = tape(model.left);
  const tg::Tensor loss = tg::sum(tg::square(left));
  const tg::NodeId count = tape.structure().count();
  tg::gradient(loss, left);
  CHECK(tape.structure().count() > count);
}
