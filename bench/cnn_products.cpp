// Product images 1x28x28: convolution 3x3 to 32, ReLU, max-pool 2, the same to 64, linear
// 1600-128-10, cross-entropy, Adam, batch 64.
#include "workload.h"

namespace bench {
namespace {

constexpr tg::Index batch = 64;

class CnnProducts : public Workload {
 public:
  explicit CnnProducts(const tg::TapeOptions& options)
      : Workload(options),
        first_(parameters_.root() / "0", 1, 32, {3, 3}),
        second_(parameters_.root() / "3", 32, 64, {3, 3}),
        third_(parameters_.root() / "7", 1600, 128),
        fourth_(parameters_.root() / "9", 128, 10),
        adam_({.threads = options.threads}),
        x_(uniform(random_, batch * 28 * 28)),
        y_(ids(random_, batch, 10)) {
    units_ = batch;
  }

 private:
  tg::Tensor record(tg::Tape& tape) override {
    const tg::Tensor images = tape.input(x_, {batch, 1, 28, 28});
    const tg::Tensor small =
        tg::max_pool2d(tg::relu(second_(tg::max_pool2d(tg::relu(first_(images))))));
    return tg::softmax_cross_entropy(fourth_(tg::relu(third_(tg::reshape(small, {batch, -1})))),
                                     tape.ids(y_));
  }
  void update(tg::Gradients& gradients) override { adam_.update(parameters_, gradients); }
  void set_inputs(const std::map<std::string, tg::Array>& inputs) override {
    x_ = floats(inputs, "x");
    y_ = integers(inputs, "y");
  }

  tg::nn::Conv2d first_, second_;
  tg::nn::Linear third_, fourth_;
  tg::optim::Adam adam_;
  std::vector<float> x_;
  std::vector<tg::Index> y_;
};

}  // namespace

std::unique_ptr<Workload> make_cnn_products(const tg::TapeOptions& options) {
  return std::make_unique<CnnProducts>(options);
}

}  // namespace bench
