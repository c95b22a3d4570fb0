// Layers and what they hand on, through moves, failures and misuse.
#include "../graph/graph_test_tools.h"

#include <optional>

#include <tapegrad/nn/nn.h>

namespace {

namespace tg = tapegrad;
namespace nn = tg::nn;
using graph_test::holds;
using graph_test::numbers_of;
using graph_test::random_input;
using graph_test::thrown;

// The layer's result is the same from a copy, from one that it was moved to, and from itself after
// the move.
template <class Layer>
void check_moves(Layer layer, const tg::Shape& shape) {
  tg::Tape tape({.training = false});
  const auto result = [&](const Layer& of) {
    tape.clear();
    return numbers_of(of(random_input(tape, shape)));
  };
  const std::vector<double> expected = result(layer);
  Layer moved = std::move(layer);
  CHECK(result(moved) == expected);
  const std::string after = thrown([&] { CHECK(result(layer) == expected); });
  CHECK(after == "nothing");
  layer = std::move(moved);
  CHECK(result(layer) == expected);
  Layer& same = layer;
  layer = std::move(same);
  CHECK(result(layer) == expected);
}

}  // namespace

TEST_CASE("layers can be copied and moved, and give the same numbers after it") {
  tg::Parameters parameters(4);
  const tg::Scope root = parameters.root();
  check_moves(nn::Linear(root / "linear", 3, 2), {4, 3});
  check_moves(nn::Mlp(root / "mlp", {3, 5, 2}), {4, 3});
  check_moves(nn::LayerNorm(root / "norm", 3), {4, 3});
  check_moves(nn::BatchNorm1d(root / "batch", 3), {4, 3});
  check_moves(nn::TransformerEncoder(root / "encoder", 2, 4, 2, {.inner = 8, .norm_first = true}),
              {2, 3, 4});
  check_moves(nn::TransformerEncoderLayer(root / "layer", 4, 2, {.inner = 8}), {2, 3, 4});
}

TEST_CASE("recurrent layers, states and sequences can be used after a move") {
  tg::Parameters parameters(5);
  tg::Tape tape;
  nn::Lstm lstm(parameters.root(), 2, 3, {.layers = 6});
  const auto output = [&](const nn::Lstm& of) {
    tape.clear();
    return numbers_of(of(random_input(tape, {4, 2, 2})).output);
  };
  const std::vector<double> expected = output(lstm);
  const nn::Lstm moved = std::move(lstm);
  CHECK(output(moved) == expected);
  CHECK(output(lstm) == expected);

  for (const std::size_t count : {std::size_t{1}, std::size_t{9}}) {
    nn::SmallVector<int, 4> few(count);
    few[count - 1] = 7;
    nn::SmallVector<int, 4> taken = std::move(few);
    CHECK(few.empty());
    CHECK(few.begin() == few.end());
    CHECK(taken.back() == 7);
    few.push_back(3);
    CHECK(few.size() == 1);
    CHECK(few.back() == 3);
    few = std::move(taken);
    CHECK(few.size() == count);
    CHECK(taken.empty());
    nn::SmallVector<int, 4>& same = few;
    few = std::move(same);
    CHECK(few.back() == 7);
  }

  tape.clear();
  nn::Sequences sequences(random_input(tape, {3, 2}), {1, 2});
  const nn::Sequences others = std::move(sequences);
  CHECK(sequences.count() == 2);
  CHECK(sequences.total() == others.total());
}

TEST_CASE("empty functions and windows that were moved from are told") {
  CHECK(holds(thrown([] { nn::Sequential({nn::Sequential::Module()}); }),
              "ValueError: Sequential: the module is an empty"));
  CHECK(holds(thrown([] { nn::SlidingWindow(2, {}, {}); }),
              "ValueError: a sliding window needs a step"));
  tg::Tape tape;
  nn::Sequential none;
  const tg::Tensor x = random_input(tape, {2});
  CHECK(none(x).node() == x.node());
  bool fails = false;
  nn::SlidingWindow window(
      2, {tg::Array({1})},
      [&](tg::Tape& on, const tg::Array& input, const std::vector<tg::Tensor>& state) {
        if (fails) throw tg::ValueError("no step today");
        return std::vector<tg::Tensor>{state[0] + on.input(input)};
      });
  const auto step = [&](float number) {
    tape.clear();
    return window.record(tape, tg::Array::from({number}, {1}))[0].item();
  };
  CHECK(step(1.0F) == 1.0);
  CHECK(step(2.0F) == 3.0);
  fails = true;
  CHECK(thrown([&] { step(50.0F); }) == "ValueError: no step today");
  fails = false;
  CHECK(step(3.0F) == 6.0);
  nn::SlidingWindow moved = std::move(window);
  CHECK(thrown([&] { step(4.0F); }) == "ValueError: the sliding window was moved from");
  tape.clear();
  CHECK(moved.record(tape, tg::Array::from({4.0F}, {1}))[0].item() == 10.0);
}

TEST_CASE("a recurrent layer that runs inside of another one's step does not disturb it") {
  // A cell whose step runs a whole layer over the projection, twice as long as the outer run.
  class Nested : public nn::Recurrent {
   public:
    Nested(const tg::Scope& scope, bool inside)
        : Recurrent(scope / "outer", 2, 3, 1, 1, {}),
          inner_(scope / "inner", 3, 3),
          inside_(inside) {}

   protected:
    tg::Tensor project(const nn::GateProducts& products, const tg::Located& x) const override {
      return products.of_input(x);
    }
    void step(const nn::GateProducts& products, const tg::Tensor& projected,
              nn::CellState& state) const override {
      if (inside_) {
        const tg::Tensor one = tg::reshape(projected, {1, projected.shape()[0], 3});
        inner_(tg::concatenate({one, one, one, one, one, one, one, one}, 0));
      }
      state[0] = tg::tanh(projected + products.of_hidden(state[0]));
    }

   private:
    nn::Rnn inner_;
    bool inside_;
  };
  const auto output = [](bool inside) {
    tg::Parameters parameters(6);
    const Nested layer(parameters.root(), inside);
    tg::Tape tape;
    return numbers_of(layer(random_input(tape, {4, 2, 2})).output);
  };
  CHECK(output(true) == output(false));
}
