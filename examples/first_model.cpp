#include <tapegrad/tapegrad.h>

#include <cmath>
#include <cstdio>
#include <vector>

namespace tg = tapegrad;

// A small network learns y = sin(3x).
int main() {
  tg::Parameters parameters(/*seed=*/42);
  const tg::nn::Mlp model(parameters.root() / "mlp", {1, 32, 32, 1},
                          {.activation = tg::nn::Activation::tanh});
  tg::optim::Adam adam({.learning_rate = 1e-2});
  tg::Tape tape;
  tg::Random random(1);
  std::vector<float> x(64), y(64);
  for (int step = 0; step < 1000; ++step) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] = 2.0F * random.uniform() - 1.0F;
      y[i] = std::sin(3.0F * x[i]);
    }
    tape.clear();  // keeps its memory and its plans
    const tg::Tensor loss =
        tg::mean_squared_error(model(tape.input(x, {64, 1})), tape.input(y, {64, 1}));
    tg::Gradients gradients = tg::backward(loss);
    tg::optim::clip_by_global_norm(gradients, 1.0);
    adam.update(parameters, gradients);
    if (step % 100 == 99) std::printf("step %4d  loss %.5f\n", step + 1, loss.item());
  }
}
