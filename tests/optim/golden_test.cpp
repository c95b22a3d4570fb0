// Update rules beside PyTorch's: the numbers are in tests/golden. There the table's gradients are
// dense, here row-sparse.
#include "../golden/golden.h"

#include <memory>

#include <tapegrad/nn/nn.h>
#include <tapegrad/ops/operations.h>
#include <tapegrad/optim/optim.h>

namespace {

namespace tg = tapegrad;
using namespace tg::optim;

// The settings of make_golden.py.
std::map<std::string, std::shared_ptr<Optimizer>> optimizers() {
  std::map<std::string, std::shared_ptr<Optimizer>> all;
  all["sgd"] = std::make_shared<Sgd>(SgdOptions{.learning_rate = 0.1});
  all["sgd_momentum"] = std::make_shared<Sgd>(SgdOptions{.learning_rate = 0.05, .momentum = 0.9});
  all["sgd_nesterov"] =
      std::make_shared<Sgd>(SgdOptions{.learning_rate = 0.05, .momentum = 0.9, .nesterov = true});
  all["sgd_decay"] = std::make_shared<Sgd>(SgdOptions{.learning_rate = 0.1, .weight_decay = 0.02});
  all["sgd_momentum_decay"] = std::make_shared<Sgd>(
      SgdOptions{.learning_rate = 0.05, .momentum = 0.9, .weight_decay = 0.02});
  all["adagrad"] = std::make_shared<Adagrad>(AdagradOptions{.learning_rate = 0.1});
  all["adagrad_accumulator"] = std::make_shared<Adagrad>(
      AdagradOptions{.learning_rate = 0.1, .epsilon = 1e-6, .initial_accumulator = 0.1});
  all["adagrad_decay"] =
      std::make_shared<Adagrad>(AdagradOptions{.learning_rate = 0.1, .weight_decay = 0.02});
  all["adam"] = std::make_shared<Adam>(AdamOptions{.learning_rate = 0.01});
  all["adam_betas"] = std::make_shared<Adam>(
      AdamOptions{.learning_rate = 0.01, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-6});
  all["adam_decay"] =
      std::make_shared<Adam>(AdamOptions{.learning_rate = 0.01, .weight_decay = 0.02});
  all["adamw"] = std::make_shared<AdamW>(AdamOptions{.learning_rate = 0.01, .weight_decay = 0.1});
  all["rmsprop"] = std::make_shared<Rmsprop>(RmspropOptions{.learning_rate = 0.01});
  all["rmsprop_momentum"] = std::make_shared<Rmsprop>(
      RmspropOptions{.learning_rate = 0.01, .alpha = 0.9, .epsilon = 1e-6, .momentum = 0.8});
  all["rmsprop_centered"] = std::make_shared<Rmsprop>(
      RmspropOptions{.learning_rate = 0.01, .momentum = 0.5, .centered = true});
  all["rmsprop_decay"] =
      std::make_shared<Rmsprop>(RmspropOptions{.learning_rate = 0.01, .weight_decay = 0.02});
  return all;
}

}  // namespace

TEST_CASE(
    "twenty steps of every optimizer with row-sparse gradients equal PyTorch's with dense ones") {
  const golden::Golden file("optimizers");
  for (const bool read_each_step : {false, true}) {
    for (const auto& [name, optimizer] : optimizers()) {
      const std::string label = name;  // Clang 14 does not capture structured bindings
      CAPTURE(label);
      tg::Parameters parameters;
      const tg::nn::Embedding table(parameters.root() / "table", 12, 4);
      const tg::nn::Linear linear(parameters.root() / "linear", 4, 3);
      tg::nn::set_weights(parameters, file.under("start."));
      tg::Tape tape;
      for (std::size_t step = 0; step < 20; ++step) {
        tape.clear();
        const auto ids = file["ids"].values<tg::Index>().subspan(step * 4, 4);
        const auto targets = file["targets"].values<float>().subspan(step * 12, 12);
        const tg::Gradients gradients = tg::backward(
            tg::mean_squared_error(linear(table(tape, ids)), tape.input(targets, {4, 3})));
        CHECK(gradients.entries()[0].sparse);
        optimizer->update(parameters, gradients);
        if (read_each_step) table.weight().value();
        if (step != 0 && step != 4 && step != 19) continue;
        const std::string prefix = name + "." + std::to_string(step + 1) + ".";
        for (const auto& [weight, array] : tg::nn::weights_of(parameters))
          file.check(prefix + weight, array);
      }
    }
  }
}
