// 784-64-32-10 with ReLU, softmax cross-entropy, Adam, batch 32.
#include "workload.h"

namespace bench {
namespace {

class MlpRecommender : public Workload {
 public:
  explicit MlpRecommender(const tg::TapeOptions& options)
      : Workload(options),
        first_(parameters_.root() / "0", 784, 64),
        second_(parameters_.root() / "2", 64, 32),
        third_(parameters_.root() / "4", 32, 10),
        adam_({.threads = options.threads}),
        x_(uniform(random_, 32 * 784)),
        y_(ids(random_, 32, 10)) {
    units_ = 32;
  }

 private:
  tg::Tensor record(tg::Tape& tape) override {
    const tg::Tensor x = tape.input(x_, {32, 784});
    return tg::softmax_cross_entropy(third_(tg::relu(second_(tg::relu(first_(x))))), tape.ids(y_));
  }
  void update(tg::Gradients& gradients) override { adam_.update(parameters_, gradients); }
  void set_inputs(const std::map<std::string, tg::Array>& inputs) override {
    x_ = floats(inputs, "x");
    y_ = integers(inputs, "y");
  }

  tg::nn::Linear first_, second_, third_;
  tg::optim::Adam adam_;
  std::vector<float> x_;
  std::vector<tg::Index> y_;
};

}  // namespace

std::unique_ptr<Workload> make_mlp_recommender(const tg::TapeOptions& options) {
  return std::make_unique<MlpRecommender>(options);
}

}  // namespace bench
