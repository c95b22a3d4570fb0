// Single plans: what must hold where random graphs do not look.
#include "graph_test_tools.h"

#include <algorithm>

#include <tapegrad/graph/plan_labels.h>

namespace {

namespace tg = tapegrad;
using graph_test::numbers_of;

std::size_t instructions_of(const tg::Plan& plan, std::string_view operation) {
  return static_cast<std::size_t>(
      std::ranges::count_if(plan.labels->instructions, [&](const tg::InstructionLabel& label) {
        return !label.copies && label.operation->name == operation;
      }));
}

}  // namespace

TEST_CASE("products of windows that overlap are right") {
  tg::Parameters parameters(2);
  const tg::Parameter& weight = parameters.add("weight", {32, 32}, graph_test::uniform());
  std::vector<float> signal(100);
  for (std::size_t i = 0; i < signal.size(); ++i) signal[i] = std::sin(static_cast<float>(i));
  std::vector<std::vector<double>> found;
  for (const bool batching : {true, false}) {
    tg::Tape tape({.batching = batching});
    const tg::Tensor x = tape.input(std::span<const float>(signal), {1, 100});
    std::vector<tg::Tensor> products;
    for (tg::Index i = 0; i < 64; ++i)
      products.push_back(tg::matmul(tg::slice(x, 1, i, i + 32), tape(weight)));
    const tg::Tensor all = tg::concatenate(products, 0);
    const tg::Gradients gradients = tg::backward(tg::sum(tg::square(all)) * 0.01);
    found.push_back(numbers_of(all));
    found.push_back(numbers_of(gradients.at("weight")));
  }
  for (std::size_t i = 0; i < found[0].size(); ++i)
    CHECK(found[0][i] == doctest::Approx(found[2][i]).epsilon(1e-4));
  for (std::size_t i = 0; i < found[1].size(); ++i)
    CHECK(found[1][i] == doctest::Approx(found[3][i]).epsilon(1e-4));
}

TEST_CASE("nodes that look alike but lie differently run together and are right") {
  tg::Parameters parameters(2);
  const tg::Parameter& wide = parameters.add("wide", {4, 12}, graph_test::uniform());
  const tg::Parameter& own = parameters.add("own", {4, 3}, graph_test::uniform());
  const tg::Parameter& column = parameters.add("column", {4, 1}, graph_test::uniform());
  std::vector<std::vector<double>> found;
  for (const bool plain : {false, true}) {
    tg::Tape tape({.dtype = tg::Dtype::float64,
                   .batching = !plain,
                   .merging = !plain,
                   .fusion = !plain,
                   .views = !plain});
    const tg::Tensor x = tape(wide);
    const std::vector<tg::Tensor> parts{tg::slice(x, 1, 0, 3), tape(own), tg::slice(x, 1, 5, 8),
                                        tg::slice(x, 1, 9, 12)};
    const std::vector<tg::Tensor> columns{tg::slice(x, 1, 4, 5), tape(column),
                                          tg::slice(x, 1, 8, 9), tape(column)};
    std::vector<tg::Tensor> results;
    for (std::size_t i = 0; i < 4; ++i) {
      results.push_back(tg::tanh(parts[i]) * columns[3 - i] + tg::sum(parts[i], {1}, true) +
                        tg::slice(parts[3 - i], 0, 1, 2));
      results.push_back(
          tg::softmax(parts[i]) *
          tg::matmul(parts[i], parts[3 - i], {.left = true, .right = false}).tape().constant(2.0));
    }
    const tg::Tensor all = tg::concatenate(results, 1);
    const tg::Gradients gradients = tg::backward(tg::sum(tg::square(all)));
    found.push_back(numbers_of(all));
    for (const tg::Parameter& parameter : parameters) {
      const auto one = numbers_of(gradients.at(parameter));
      found.back().insert(found.back().end(), one.begin(), one.end());
    }
  }
  REQUIRE(found[0].size() == found[1].size());
  for (std::size_t i = 0; i < found[0].size(); ++i)
    CHECK(found[0][i] == doctest::Approx(found[1][i]).epsilon(1e-12));
}

TEST_CASE("empty tensors pass through every kind of instruction") {
  tg::Parameters parameters(2);
  const tg::Parameter& weight = parameters.add("weight", {3, 4}, graph_test::uniform());
  const tg::Parameter& bias = parameters.add("bias", {4}, graph_test::uniform());
  for (const tg::Index rows : {0, 1, 2}) {
    CAPTURE(rows);
    tg::Tape tape;
    const tg::Tensor x = tape.full({rows, 3}, 1.0);
    const tg::Tensor y = tg::tanh(tg::matmul(x, tape(weight)) + tape(bias));
    const tg::Tensor z = tg::concatenate({y, tg::slice(y, 0, 0, 0), tg::softmax(y)}, 0);
    const tg::Gradients gradients = tg::backward(tg::sum(z * tg::sum(z, {1}, true)));
    CHECK(z.shape() == tg::Shape{2 * rows, 4});
    CHECK(numbers_of(gradients.at("bias")).size() == 4);
    if (rows == 0) CHECK(numbers_of(gradients.at("weight")) == std::vector<double>(12, 0.0));
  }
}

TEST_CASE(
    "like work of many nodes runs as one instruction, and the gradients of one weight as one "
    "product") {
  tg::Parameters parameters(2);
  const tg::Parameter& weight = parameters.add("weight", {8, 8}, graph_test::uniform());
  const auto instructions = [&](const tg::TapeOptions& options) {
    tg::Tape tape(options);
    std::vector<tg::Tensor> sums;
    for (int i = 0; i < 20; ++i)
      sums.push_back(tg::sum(tg::tanh(tg::matmul(tape.full({2, 8}, 0.1 * i), tape(weight)))));
    tg::backward(tg::add_all(sums));
    return tape.runner().last_plan()->instructions.size();
  };
  CHECK(instructions({}) < 25);
  CHECK(instructions({.batching = false, .merging = false}) > 100);
}

TEST_CASE("what is brought together is written there, and the numbers are those of copies") {
  tg::Parameters parameters(2);
  const tg::Parameter& weight = parameters.add("weight", {6, 12}, graph_test::uniform());
  const tg::Parameter& start = parameters.add("start", {1, 6}, graph_test::uniform());
  for (const tg::Index width : {1, 6}) {  // of the parts: short ones are gathered
    std::vector<std::vector<double>> found;
    std::vector<std::size_t> concatenations;
    for (const bool batching : {true, false}) {
      tg::Tape tape({.dtype = tg::Dtype::float64,
                     .check_finite = true,
                     .profile = true,
                     .batching = batching});
      tg::Tensor h = tape(start);
      for (int t = 0; t < 40; ++t) {
        const tg::Tensor gates = tg::matmul(h, tape(weight));
        std::vector<tg::Tensor> parts;
        for (tg::Index i = 0; i < 6 / width; ++i) {
          const tg::Tensor a = tg::slice(gates, 1, i * width, (i + 1) * width);
          const tg::Tensor b = tg::slice(gates, 1, 6 + i * width, 6 + (i + 1) * width);
          parts.push_back(i % 2 == 0 ? tg::sigmoid(a) * tg::tanh(b) : tg::tanh(a) * tg::sigmoid(b));
        }
        h = parts.size() == 1 ? parts[0] : tg::concatenate(parts, 1);
      }
      const tg::Gradients gradients = tg::backward(tg::sum(tg::square(h)));
      found.push_back(numbers_of(gradients.at("weight")));
      concatenations.push_back(instructions_of(*tape.runner().last_plan(), "concatenate"));
    }
    CHECK(concatenations[0] == 0);
    CHECK(concatenations[1] >= 40);
    for (std::size_t i = 0; i < found[0].size(); ++i)
      CHECK(found[0][i] == doctest::Approx(found[1][i]).epsilon(1e-9));
  }
}

TEST_CASE(
    "the gradients of a weight that batches of a tree's levels used need no copies of what the "
    "batches computed") {
  tg::Parameters parameters(2);
  const tg::Parameter& leaf_weight = parameters.add("leaf", {8, 8}, graph_test::uniform());
  const tg::Parameter& node_weight = parameters.add("node", {8, 8}, graph_test::uniform());
  std::vector<std::vector<double>> found;
  std::size_t copies = 0;
  for (const bool batching : {true, false}) {
    tg::Tape tape({.dtype = tg::Dtype::float64, .profile = true, .batching = batching});
    std::vector<tg::Tensor> level;
    for (int i = 0; i < 24; ++i)
      level.push_back(
          tg::tanh(tg::matmul(tg::sigmoid(tape.full({1, 8}, 0.1 * i)), tape(leaf_weight))));
    while (level.size() > 3) {
      std::vector<tg::Tensor> next;
      for (std::size_t i = 0; i < level.size(); i += 2)
        next.push_back(tg::tanh(tg::matmul(level[i] + level[i + 1], tape(node_weight))));
      level = next;
    }
    const tg::Gradients gradients = tg::backward(tg::sum(tg::square(tg::add_all(level))));
    found.push_back(numbers_of(gradients.at("leaf")));
    for (const double number : numbers_of(gradients.at("node"))) found.back().push_back(number);
    if (batching)
      copies = static_cast<std::size_t>(
          std::ranges::count_if(tape.runner().last_plan()->labels->instructions,
                                [](const tg::InstructionLabel& label) { return label.copies; }));
  }
  // Levels forward are not those backward: of what the node's weight meets, one side is copied.
  CHECK(copies <= 1);
  for (std::size_t i = 0; i < found[0].size(); ++i)
    CHECK(found[0][i] == doctest::Approx(found[1][i]).epsilon(1e-9));
}

TEST_CASE("plans of several tasks use memory again") {
  tg::Parameters parameters(2);
  constexpr tg::Index size = 256, layers = 30;
  const tg::Parameter& weight = parameters.add("weight", {size, size}, graph_test::uniform());
  tg::Tape tape({.threads = 2});
  const tg::NoGradient guard(tape);
  tg::Tensor x = tape.full({size, size}, 0.01);
  for (tg::Index i = 0; i < layers; ++i) x = tg::tanh(tg::matmul(x, tape(weight)));
  tape.runner().value_alone(x.node());
  const tg::Plan& plan = *tape.runner().last_plan();
  CHECK(plan.tasks.size() > 10);
  CHECK(plan.arena_bytes <= 6 * size * size * sizeof(float));
}
