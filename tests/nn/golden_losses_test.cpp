// Losses beside PyTorch's: the numbers are in tests/golden.
#include "../golden/golden.h"

#include <functional>
#include <vector>

#include <tapegrad/ops/operations.h>

namespace {

namespace tg = tapegrad;
using Loss = std::function<tg::Tensor(std::span<const tg::Tensor>, tg::Reduction)>;

// The loss's value and the gradients of its inputs, reduced by mean and sum, in single and double
// precision.
void check(const golden::Golden& file, const std::string& name,
           const std::vector<std::string>& inputs, const Loss& loss) {
  for (const tg::Dtype dtype : {tg::Dtype::float32, tg::Dtype::float64}) {
    for (const tg::Reduction reduction : {tg::Reduction::mean, tg::Reduction::sum}) {
      const std::string prefix = name + (reduction == tg::Reduction::mean ? ".mean" : ".sum");
      tg::Tape tape({.dtype = dtype});
      std::vector<tg::Tensor> tensors;
      for (const std::string& input : inputs) tensors.push_back(tape.input(file[input]));
      const tg::Tensor value = loss(tensors, reduction);
      const std::vector<tg::Tensor> gradients = tg::gradients(value, tensors);
      file.check(prefix + ".loss", value.copy());
      for (std::size_t i = 0; i < gradients.size(); ++i)
        file.check(prefix + ".gradient" + std::to_string(i), gradients[i].copy());
    }
  }
}

}  // namespace

TEST_CASE("losses of two tensors equal PyTorch's, and so do the gradients of both") {
  const golden::Golden file("losses");
  check(file, "mse", {"x", "y"},
        [](auto x, auto reduction) { return tg::mean_squared_error(x[0], x[1], reduction); });
  check(file, "huber", {"x", "y"},
        [](auto x, auto reduction) { return tg::huber(x[0], x[1], 0.7, reduction); });
  check(file, "bpr", {"x", "y"},
        [](auto x, auto reduction) { return tg::bpr(x[0], x[1], reduction); });
  check(file, "bce", {"x", "labels"}, [](auto x, auto reduction) {
    return tg::binary_cross_entropy_with_logits(x[0], x[1], reduction);
  });
}

TEST_CASE(
    "the softmax cross-entropy equals PyTorch's: plain, smoothed, weighted, and with classes that "
    "are ignored") {
  const golden::Golden file("losses");
  for (const bool ignoring : {false, true}) {
    for (const bool smoothed : {false, true}) {
      for (const bool weighted : {false, true}) {
        std::string name = weighted && smoothed ? "weighted_smoothed"
                           : weighted           ? "weighted"
                           : smoothed           ? "smoothed"
                                                : "plain";
        name = "cross_entropy." + name + (ignoring ? ".ignoring" : "");
        check(file, name, {"x"}, [&](std::span<const tg::Tensor> x, tg::Reduction reduction) {
          tg::Tape& tape = x[0].tape();
          tg::CrossEntropyOptions options{.label_smoothing = smoothed ? 0.1 : 0.0,
                                          .reduction = reduction};
          if (ignoring) options.ignore_index = 1;
          if (weighted) options.weights = tape.input(file["weights"]);
          return tg::softmax_cross_entropy(
              x[0], tape.ids(file[ignoring ? "some_ignored" : "classes"].values<tg::Index>()),
              options);
        });
      }
    }
  }
}
