// Layers whose steps run other layers.
#include "../graph/graph_test_tools.h"

#include <tapegrad/nn/nn.h>
#include <tapegrad/ops/operations.h>

namespace {

namespace tg = tapegrad;
namespace nn = tg::nn;

// The number of the step, after another layer has run over more steps than this one.
class Counting : public nn::Recurrent {
 public:
  Counting(const tg::Scope& scope, const nn::Recurrent& inner)
      : Recurrent(scope, 1, 1, 1, 1, {}), inner_(inner) {}

 private:
  tg::Tensor project(const nn::GateProducts&, const tg::Located& x) const override {
    return x.tensor;
  }
  void step(const nn::GateProducts&, const tg::Tensor& projected,
            nn::CellState& state) const override {
    inner_(projected.tape().full({7, 2, 1}, 0.5));
    state[0] = state[0] + 1.0;
  }

  const nn::Recurrent& inner_;
};

}  // namespace

TEST_CASE("a recurrent layer whose steps run another recurrent layer returns its own outputs") {
  for (const tg::Index steps : {1, 3, 20}) {
    tg::Parameters parameters(1);
    const nn::Rnn inner(parameters.root() / "inner", 1, 1);
    const Counting outer(parameters.root() / "outer", inner);
    tg::Tape tape;
    const tg::Tensor output = outer(tape.full({steps, 2, 1}, 0.0)).output;
    for (tg::Index t = 0; t < steps; ++t) {
      CAPTURE(t);
      CHECK(output.values()[static_cast<std::size_t>(2 * t)] == static_cast<float>(t + 1));
    }
  }
}
