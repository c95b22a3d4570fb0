// A shape rule runs once for what it is asked, however much else is remembered.
#include "graph_test_tools.h"

#include <string>
#include <vector>

#include <tapegrad/graph/operation.h>
#include <tapegrad/graph/type_inference.h>

namespace {

namespace tg = tapegrad;
using graph_test::holds;
using graph_test::thrown;

int rule_runs = 0;

// [n] and more inputs of any shapes → [n + the attribute].
tg::Type counted_rule(const tg::ShapeContext& context) {
  ++rule_runs;
  const auto more = context.attributes<tg::Index>();
  if (more < 0) throw tg::ShapeError("refused");
  return {{context.shape(0).columns() + more}, tg::Dtype::float32};
}

tg::Operation counted_operation() {
  return {.name = "counted",
          .form = tg::Form::whole,
          .inputs = tg::Arity::one_or_more,
          .shape = counted_rule,
          .kernel_float = [](const tg::KernelContext&) {},
          .kernel_double = [](const tg::KernelContext&) {}};
}

struct Inference {
  tg::TypeTable types;
  tg::TypeInference inference{types, tg::Dtype::float32};

  tg::TypeId type(tg::Index extent) { return types.intern(tg::Type{{extent}, tg::Dtype::float32}); }
  tg::Index output(const tg::Operation& operation, tg::Index more,
                   const std::vector<tg::TypeId>& inputs) {
    return types[inference.output(operation, types.intern(tg::bytes_of(more)), inputs)].shape[0];
  }
};

}  // namespace

TEST_CASE(
    "a shape rule runs once for each operation, attributes and types, in whatever order thousands "
    "of them come") {
  Inference all;
  // Many operations in a row, whose addresses differ by their size alone.
  const std::vector<tg::Operation> operations(40, counted_operation());
  rule_runs = 0;
  constexpr int attributes = 25, kinds = 8;
  for (int round = 0; round < 3; ++round) {
    CAPTURE(round);
    for (tg::Index more = 0; more < attributes; ++more) {
      for (std::size_t o = 0; o < operations.size(); ++o) {
        for (int kind = 0; kind < kinds; ++kind) {
          std::vector<tg::TypeId> inputs;
          for (int i = 0; i <= kind; ++i) inputs.push_back(all.type(10 + (i + kind) % 3));
          REQUIRE(all.output(operations[o], more, inputs) == 10 + kind % 3 + more);
        }
      }
    }
    CHECK(rule_runs == 40 * attributes * kinds);
  }
}

TEST_CASE(
    "inputs that differ in one place, in their order or in their number are asked for by "
    "themselves") {
  Inference all;
  const tg::Operation operation = counted_operation();
  const tg::TypeId a = all.type(1), b = all.type(2);
  rule_runs = 0;
  const std::vector<std::vector<tg::TypeId>> inputs{{a},    {b},       {a, a},    {a, b},
                                                    {b, a}, {a, a, a}, {a, b, a}, {a, a, b}};
  for (int round = 0; round < 2; ++round) {
    for (const auto& one : inputs) CHECK(all.output(operation, 0, one) == (one[0] == a ? 1 : 2));
  }
  CHECK(rule_runs == static_cast<int>(inputs.size()));
}

TEST_CASE(
    "what is not remembered is asked for again: refusals, more than eight inputs, and what was "
    "forgotten") {
  Inference all;
  const tg::Operation operation = counted_operation();
  rule_runs = 0;
  const std::vector<tg::TypeId> one{all.type(5)}, nine(9, all.type(5));
  CHECK(holds(thrown([&] { all.output(operation, -1, one); }), "refused"));
  CHECK(holds(thrown([&] { all.output(operation, -1, one); }), "refused"));
  CHECK(all.output(operation, 1, nine) == 6);
  CHECK(all.output(operation, 1, nine) == 6);
  CHECK(rule_runs == 4);
  CHECK(all.output(operation, 1, one) == 6);
  CHECK(all.output(operation, 1, one) == 6);
  CHECK(rule_runs == 5);
  all.inference.forget();
  CHECK(all.output(operation, 1, one) == 6);
  CHECK(rule_runs == 6);
}

TEST_CASE("answers stay bounded, and those beyond the bound are right too") {
  Inference all;
  const tg::Operation operation = counted_operation();
  const std::vector<tg::TypeId> input{all.type(5)};
  for (tg::Index more = 0; more < tg::Index{tg::TypeInference::most_answers} + 100; ++more)
    all.output(operation, more, input);
  CHECK(all.inference.full());
  rule_runs = 0;
  CHECK(all.output(operation, 0, input) == 5);
  CHECK(rule_runs == 0);
  CHECK(all.output(operation, tg::TypeInference::most_answers + 50, input) ==
        5 + tg::TypeInference::most_answers + 50);
  CHECK(rule_runs == 1);
  all.inference.forget();
  CHECK(!all.inference.full());
}
