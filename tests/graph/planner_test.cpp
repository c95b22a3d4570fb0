// Single plans: what must hold where random graphs do not look.
#include "graph_test_tools.h"

namespace {

namespace tg = tapegrad;
using graph_test::numbers_of;

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
    for (tg::Index i = 0; i < 64; ++i) products.push_back(tg::matmul(tg::slice(x, 1, i, i + 32), tape(weight)));
    const tg::Tensor all = tg::concatenate(products, 0);
    const tg::Gradients gradients = tg::backward(tg::sum(tg::square(all)) * 0.01);
    found.push_back(numbers_of(all));
    found.push_back(numbers_of(gradients.at("weight")));
  }
  for (std::size_t i = 0; i < found[0].size(); ++i) CHECK(found[0][i] == doctest::Approx(found[2][i]).epsilon(1e-4));
  for (std::size_t i = 0; i < found[1].size(); ++i) CHECK(found[1][i] == doctest::Approx(found[3][i]).epsilon(1e-4));
}

TEST_CASE("nodes that look alike but lie differently run together and are right") {
  tg::Parameters parameters(2);
  const tg::Parameter& wide = parameters.add("wide", {4, 12}, graph_test::uniform());
  const tg::Parameter& own = parameters.add("own", {4, 3}, graph_test::uniform());
  const tg::Parameter& column = parameters.add("column", {4, 1}, graph_test::uniform());
  std::vector<std::vector<double>> found;
  for (const bool plain : {false, true}) {
    tg::Tape tape({.dtype = tg::Dtype::float64, .batching = !plain, .merging = !plain, .fusion = !plain, .views = !plain});
    const tg::Tensor x = tape(wide);
    const std::vector<tg::Tensor> parts{tg::slice(x, 1, 0, 3), tape(own), tg::slice(x, 1, 5, 8), tg::slice(x, 1, 9, 12)};
    const std::vector<tg::Tensor> columns{tg::slice(x, 1, 4, 5), tape(column), tg::slice(x, 1, 8, 9), tape(column)};
    std::vector<tg::Tensor> results;
    for (std::size_t i = 0; i < 4; ++i) {
      results.push_back(tg::tanh(parts[i]) * columns[3 - i] + tg::sum(parts[i], {1}, true) + tg::slice(parts[3 - i], 0, 1, 2));
      results.push_back(tg::softmax(parts[i]) *
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
  for (std::size_t i = 0; i < found[0].size(); ++i) CHECK(found[0][i] == doctest::Approx(found[1][i]).epsilon(1e-12));
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

TEST_CASE("like work of many nodes runs as one instruction, and the gradients of one weight as one product") {
  tg::Parameters parameters(2);
  const tg::Parameter& weight = parameters.add("weight", {8, 8}, graph_test::uniform());
  const auto instructions = [&](const tg::TapeOptions& options) {
    tg::Tape tape(options);
    std::vector<tg::Tensor> sums;
    for (int i = 0; i < 20; ++i) sums.push_back(tg::sum(tg::tanh(tg::matmul(tape.full({2, 8}, 0.1 * i), tape(weight)))));
    tg::backward(tg::add_all(sums));
    return tape.runner().last_plan()->instructions.size();
  };
  CHECK(instructions({}) < 25);
  CHECK(instructions({.batching = false, .merging = false}) > 100);
}
