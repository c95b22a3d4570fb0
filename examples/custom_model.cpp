// A model of one's own: next-item prediction with a recurrent cell written out of primitive
// operations. The loop over time records a longer tape, and backpropagation through time falls out.
#include <tapegrad/tapegrad.h>

#include <cstdio>
#include <vector>

namespace tg = tapegrad;

// A module is a struct with a call operator; its parameters have names in a tree of scopes.
struct NextItem {
  tg::nn::Embedding items;  // [items, hidden]
  tg::nn::Linear input;     // hidden → hidden
  tg::nn::Linear state;     // hidden → hidden
  tg::nn::Linear output;    // hidden → items
  tg::Index hidden;

  NextItem(const tg::Scope& scope, tg::Index count, tg::Index width)
      : items(scope / "items", count, width),
        input(scope / "input", width, width),
        state(scope / "state", width, width, {.bias = false}),
        output(scope / "output", width, count),
        hidden(width) {}

  // steps[t] holds the ids of all sequences at time t; returns logits [batch, items].
  tg::Tensor operator()(tg::Tape& tape, const std::vector<std::vector<tg::Index>>& steps) const {
    tg::Tensor h = tape.full({static_cast<tg::Index>(steps.front().size()), hidden}, 0.0);
    for (const auto& ids : steps) h = tg::tanh(input(items(tape, ids)) + state(h));
    return output(h);
  }
};

int main() {
  constexpr tg::Index count = 12;
  tg::Parameters parameters(7);
  const NextItem model(parameters.root(), count, 16);
  tg::optim::Adam adam({.learning_rate = 1e-2});
  tg::Tape tape;
  tg::Random random(3);

  // Sequences that count up by a step of their own: the next item follows from the last two.
  std::vector<std::vector<tg::Index>> steps(5, std::vector<tg::Index>(32));
  std::vector<tg::Index> next(32);
  const auto draw = [&] {
    for (std::size_t i = 0; i < next.size(); ++i) {
      const tg::Index first = random.below(count);
      const tg::Index stride = 1 + random.below(3);
      for (std::size_t t = 0; t < steps.size(); ++t)
        steps[t][i] = (first + stride * static_cast<tg::Index>(t)) % count;
      next[i] = (first + stride * static_cast<tg::Index>(steps.size())) % count;
    }
  };
  const auto loss_on = [&](tg::Tape& on) {
    return tg::softmax_cross_entropy(model(on, steps), on.ids(next));
  };

  double loss_value = 0.0;
  for (int step = 0; step < 400; ++step) {
    draw();
    tape.clear();
    const tg::Tensor loss = loss_on(tape);
    adam.update(parameters, tg::backward(loss));
    loss_value = loss.item();
    if (step % 100 == 0) std::printf("step %3d  loss %.4f\n", step, loss_value);
  }
  std::printf("at the end loss %.4f\n", loss_value);

  // Gradients against finite differences, in double precision, first and second order.
  const tg::GradcheckResult check = tg::gradcheck(parameters, loss_on);
  std::printf("gradient check %s: %lld comparisons, worst %s\n", check.passed ? "passed" : "failed",
              static_cast<long long>(check.comparisons), check.worst.c_str());
  return check.passed && loss_value < 0.5 ? 0 : 1;
}
