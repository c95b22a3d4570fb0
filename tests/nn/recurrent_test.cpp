// Recurrent layers: what users write themselves, chunks, ragged batches, many steps, errors.
#include "../graph/graph_test_tools.h"

#include <tapegrad/graph/gradcheck.h>
#include <tapegrad/graph/runner.h>
#include <tapegrad/nn/nn.h>

namespace {

namespace tg = tapegrad;
namespace nn = tg::nn;
using graph_test::random_input;
using graph_test::thrown;

}  // namespace

TEST_CASE("a cell that a user writes out of primitives gives the layer's numbers") {
  tg::Parameters parameters(2);
  const nn::Lstm lstm(parameters.root(), 3, 4);
  const auto run = [&](bool by_hand) {
    tg::Tape tape;
    const tg::Tensor x = random_input(tape, {6, 2, 3});
    tg::Tensor hidden = tape.full({2, 4}, 0.0), cell = hidden, total;
    const auto at = [&](const char* name) { return tape(parameters.at(name)); };
    for (tg::Index t = 0; by_hand && t < 6; ++t) {
      const tg::Tensor step = tg::reshape(tg::slice(x, 0, t, t + 1), {2, 3});
      const auto gates =
          tg::split(tg::matmul(step, at("weight_ih_l0"), {.right = true}) + at("bias_ih_l0") +
                        tg::matmul(hidden, at("weight_hh_l0"), {.right = true}) + at("bias_hh_l0"),
                    4);
      cell = tg::sigmoid(gates[1]) * cell + tg::sigmoid(gates[0]) * tg::tanh(gates[2]);
      hidden = tg::sigmoid(gates[3]) * tg::tanh(cell);
      const tg::Tensor part = tg::sum(tg::square(hidden));
      total = t == 0 ? part : total + part;
    }
    if (!by_hand) total = tg::sum(tg::square(lstm(x).output));
    return tg::backward(total);
  };
  const tg::Gradients layer = run(false), by_hand = run(true);
  for (const tg::Parameter& parameter : parameters) {
    const tg::Array a = layer.at(parameter), b = by_hand.at(parameter);
    for (tg::Index i = 0; i < a.size(); ++i)
      CHECK(a.at(i) == doctest::Approx(b.at(i)).epsilon(1e-4));
  }
}

TEST_CASE(
    "chunks with the state carried over give the same outputs, and gradients stop between them") {
  tg::Parameters parameters(2);
  const nn::Gru gru(parameters.root(), 3, 4, {.layers = 2});
  tg::Tape tape;
  const tg::Array all = random_input(tape, {6, 2, 3}).copy();
  const tg::Array whole = gru(tape.input(all)).output.copy();
  nn::CarriedState carried;
  for (tg::Index chunk = 0; chunk < 3; ++chunk) {
    tape.clear();
    const tg::Tensor x = tg::slice(tape.input(all), 0, 2 * chunk, 2 * chunk + 2);
    const auto [output, state] = gru(x, carried.begin(tape, gru, 2));
    carried.keep(state);
    for (tg::Index i = 0; i < output.shape().size(); ++i)
      CHECK(output.copy().at(i) ==
            doctest::Approx(whole.at(chunk * output.shape().size() + i)).epsilon(1e-5));
    carried.take();
    // What a checkpoint takes along.
    nn::CarriedState resumed;
    resumed.restore(carried.values());
    carried = resumed;
  }
}

TEST_CASE("a plain net unrolled over 100,000 steps trains in bounded stack") {
  tg::Parameters parameters(1);
  const nn::Rnn rnn(parameters.root(), 1, 2);
  tg::Tape tape;
  const tg::Tensor x = random_input(tape, {100000, 1, 1});
  const tg::Tensor loss = tg::mean(tg::square(rnn(x).output));
  const tg::Gradients gradients = tg::backward(loss);
  CHECK(gradients.size() == 4);
  CHECK(gradients.norm() > 0.0);
}

TEST_CASE("layers name what they expected, what came, and where") {
  tg::Parameters parameters;
  const nn::Lstm lstm(parameters.root() / "lstm", 3, 4);
  tg::Tape tape;
  CHECK(thrown([&] {
          lstm(tape.full({2, 3}, 0.0));
        }).find("takes [time, batch, 3] with a time of 1 or more, got [2, 3]; lstm at") !=
        std::string::npos);
  CHECK(thrown([&] {
          lstm(tape.full({0, 1, 3}, 0.0));
        }).find("got [0, 1, 3]") != std::string::npos);
  CHECK(thrown([&] {
          lstm(tape.full({2, 1, 3}, 0.0), {});
        }).find("the state must be of 1 layers and directions, got 0") != std::string::npos);
  auto state = lstm.initial_state(tape, 2);
  CHECK(thrown([&] {
          lstm(tape.full({2, 1, 3}, 0.0), state);
        }).find("a state must be [1, 4], got [2, 4]") != std::string::npos);
  CHECK(thrown([&] {
          nn::MultiheadAttention(parameters.root() / "a", 5, 2);
        }).find("the heads (2) must divide the width (5)") != std::string::npos);
  CHECK(thrown([&] { nn::Gru(parameters.root() / "g", 0, 2); }).find("must be positive") !=
        std::string::npos);
  const nn::Conv2d convolution(parameters.root() / "c", 2, 3, {3, 3});
  CHECK(thrown([&] {
          convolution(tape.full({1, 2, 2, 5}, 0.0));
        }).find("the kernel is larger than the padded images") != std::string::npos);
  CHECK(lstm(tape.full({1, 0, 3}, 0.0)).output.shape() == tg::Shape{1, 0, 4});
  CHECK(lstm(tape.full({1, 0, 3}, 0.0)).output.copy().size() == 0);
}

TEST_CASE(
    "an empty sequence keeps its state, and a ragged batch has what each sequence alone has") {
  tg::Parameters parameters(4);
  const nn::Lstm lstm(parameters.root(), 3, 2, {.layers = 2, .bidirectional = true});
  tg::Tape tape;
  const tg::Tensor values = random_input(tape, {5, 3});
  const nn::Sequences batch(values, {3, 0, 2});
  const auto start = lstm.initial_state(tape, 3);
  auto given = start;
  given[0][1] = random_input(tape, {3, 2}, 9);
  const auto [output, state] = lstm(batch, given);
  for (tg::Index c = 0; c < 2; ++c)
    CHECK(state[0][1].copy().at(2 + c) == given[0][1].copy().at(2 + c));
  const auto whole = lstm(batch);
  for (const tg::Index i : {0, 2}) {
    const tg::Index length = batch.length(i);
    const tg::Tensor own =
        tg::reshape(tg::slice(values, 0, batch.begin(i), batch.end(i)), {length, 1, 3});
    const tg::Array alone = lstm(own).output.copy();
    const tg::Array together =
        tg::slice(whole.output.values(), 0, batch.begin(i), batch.end(i)).copy();
    for (tg::Index k = 0; k < alone.size(); ++k)
      CHECK(alone.at(k) == doctest::Approx(together.at(k)).epsilon(1e-6));
  }
  const nn::Sequences none(tape.full({0, 3}, 0.0), {0, 0});
  CHECK(lstm(none).output.values().shape() == tg::Shape{0, 4});
  CHECK(thrown([&] { nn::last_of(batch); }).find("last_of: sequence 1 of 3 is empty") !=
        std::string::npos);
  CHECK(thrown([&] { nn::max_of(batch); }).find("max_of: sequence 1 of 3 is empty") !=
        std::string::npos);
  CHECK(nn::mean_of(batch).copy().at(3) == 0.0);
  CHECK(thrown([&] {
          nn::Sequences(values, {3, 3});
        }).find("the lengths add up to 6, got values [5, 3]") != std::string::npos);
  CHECK(thrown([&] {
          nn::Sequences(values, {6, -1});
        }).find("length 1 is -1") != std::string::npos);
  CHECK(thrown([&] {
          lstm(nn::Sequences(random_input(tape, {5, 2}), {5}));
        }).find("takes sequences of [3], got [5, 2]") != std::string::npos);
}
