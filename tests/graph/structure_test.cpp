// Long, wide and many-path tapes.
#include "graph_test_tools.h"

#include <pthread.h>

#include <tapegrad/graph/differentiate.h>

namespace {

namespace tg = tapegrad;
using graph_test::numbers;
using graph_test::numbers_of;

// Runs `body` on a thread with a stack of 256 KiB; gives the text of what it throws, or "".
std::string on_small_stack(std::function<void()> body) {
  struct Call {
    std::function<void()> body;
    std::string error;
  } call{std::move(body), ""};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  REQUIRE(pthread_attr_setstacksize(&attributes, 256 * 1024) == 0);
  pthread_t thread;
  const auto run = [](void* argument) -> void* {
    auto& one = *static_cast<Call*>(argument);
    try {
      one.body();
    } catch (const std::exception& error) {
      one.error = error.what();
    }
    return nullptr;
  };
  REQUIRE(pthread_create(&thread, &attributes, run, &call) == 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  return call.error;
}

}  // namespace

TEST_CASE("a chain of 1,000,000 nodes records, differentiates, runs and frees on a small stack") {
  constexpr int length = 1'000'000;
  tg::Parameters parameters;
  const tg::Parameter& a = parameters.add("a", {}, numbers({0.5}));
  double value = 0.0, gradient = 0.0, again = 0.0;
  std::size_t nodes = 0;
  const std::string error = on_small_stack([&] {
    tg::Tape tape({.dtype = tg::Dtype::float64});
    for (int step = 0; step < 2; ++step) {
      tape.clear();
      const tg::Tensor zero = tape.constant(1e-6);
      tg::Tensor x = tape(a);
      for (int i = 0; i < length; ++i) x = x + zero;
      nodes = tape.structure().count();
      const tg::Gradients gradients = tg::backward(x * tape(a));
      (step == 0 ? gradient : again) = gradients.at("a").at(0);
      value = x.item();
    }
    CHECK(tape.runner().hits() == 2);  // of backward, and of the value
  });
  CHECK(error == "");
  CHECK(nodes == length + 2);
  CHECK(value == doctest::Approx(1.5));
  CHECK(gradient == doctest::Approx(2.0));
  CHECK(again == gradient);
}

TEST_CASE("a chain of 200,000 nodes whose error is at its end is told on a small stack") {
  std::string message;
  const std::string error = on_small_stack([&] {
    tg::Tape tape;
    tg::Tensor x = tape.full({4}, 1.0);
    for (int i = 0; i < 200'000; ++i) x = x * 1.0;
    message = graph_test::thrown([&] {
      (void)tg::sum(
          tg::one_hot(tg::argmax(x + tape.input(tg::Array::from({0.0F, 0.0F, 1.0F, 0.0F}, {4}))),
                      2))
          .item();
    });
  });
  CHECK(error == "");
  CHECK(graph_test::holds(
      message, "ValueError: one_hot: id 2 is outside of 2 classes; inputs [], output [2]; at "));
}

TEST_CASE("x = x + x, 60 times, is linear in nodes and instructions although it has 2^60 paths") {
  tg::Parameters parameters;
  const tg::Parameter& a = parameters.add("a", {3}, numbers({1, -2, 0.5}));
  tg::Tape tape({.dtype = tg::Dtype::float64});
  tg::Tensor x = tape(a);
  for (int i = 0; i < 60; ++i) x = x + x;
  const tg::Gradients gradients = tg::backward(tg::sum(x));
  CHECK(numbers_of(gradients.at("a")) == std::vector<double>(3, 0x1p60));
  CHECK(numbers_of(x) == std::vector<double>{0x1p60, -0x1p61, 0x1p59});
  CHECK(tape.runner().stage_times().all_nodes < 60 * 6);
  CHECK(tape.runner().last_plan()->instructions.size() < 60 * 4);
  tg::Tensor y = tape(a);
  for (int i = 0; i < 60; ++i) y = y * y * 0.5 + y;
  CHECK(tg::backward(tg::sum(y) * 1e-300).size() == 1);
}

TEST_CASE("a sum of 1,000,000 gradients is one addition") {
  constexpr int count = 1'000'000;
  tg::Parameters parameters;
  const tg::Parameter& a = parameters.add("a", {2}, numbers({1, 2}));
  const std::string error = on_small_stack([&] {
    tg::Tape tape({.dtype = tg::Dtype::float64});
    std::vector<tg::Tensor> parts;
    parts.reserve(count);
    for (int i = 0; i < count; ++i) parts.push_back(tg::negate(tape(a)));
    const tg::Gradients gradients = tg::backward(tg::sum(tg::add_all(parts)));
    CHECK(numbers_of(gradients.at("a")) == std::vector<double>{-count, -count});
  });
  CHECK(error == "");
}

TEST_CASE("the gradients of a weight that 20,000 products use are merged in linear time") {
  constexpr int count = 20'000;
  tg::Parameters parameters(1);
  const tg::Parameter& weight = parameters.add("weight", {4, 4}, graph_test::uniform());
  tg::Tape tape;
  tg::Tensor state = tape.full({1, 4}, 1.0);
  for (int i = 0; i < count; ++i) state = tg::tanh(tg::matmul(state, tape(weight)) + 0.5);
  const tg::Gradients gradients = tg::backward(tg::sum(state));
  CHECK(gradients.norm() > 0.0);
  std::size_t products = 0;
  for (const tg::Instruction& one : tape.runner().last_plan()->instructions)
    products += one.kind == tg::Instruction::Kind::stacked;
  CHECK(products <= 2 * count + 3);  // forward, back to the state, and one for the weight
}
