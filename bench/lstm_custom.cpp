// An LSTM cell of 32 written by the user out of primitives, batch 1, squared error at every step,
// SGD: over 100 steps, or over another length in every step.
#include "workload.h"

namespace bench {
namespace {

class LstmCustom : public Workload {
 public:
  LstmCustom(const tg::TapeOptions& options, bool varying)
      : Workload(options),
        wx_(parameters_.add("wx", {32, 128}, tg::nn::normal(0.0, 0.1))),
        wh_(parameters_.add("wh", {32, 128}, tg::nn::normal(0.0, 0.1))),
        b_(parameters_.add("b", {128}, tg::nn::normal(0.0, 0.1))),
        wo_(parameters_.add("wo", {32, 1}, tg::nn::normal(0.0, 0.1))),
        bo_(parameters_.add("bo", {1}, tg::nn::normal(0.0, 0.1))),
        sgd_({.learning_rate = 0.01, .threads = options.threads}),
        varying_(varying),
        x_(uniform(random_, 150 * 32)),
        y_(uniform(random_, 150)) {}

 private:
  tg::Index next_length() {
    if (!varying_) return 100;
    if (lengths_.empty()) return 50 + random_.below(101);
    return lengths_[next_++ % lengths_.size()];
  }

  tg::Tensor record(tg::Tape& tape) override {
    units_ = next_length();
    const tg::Tensor wx = tape(wx_), wh = tape(wh_), b = tape(b_), wo = tape(wo_), bo = tape(bo_);
    tg::Tensor h = tape.full({1, 32}, 0.0);
    tg::Tensor c = tape.full({1, 32}, 0.0);
    tg::Tensor total;
    for (tg::Index t = 0; t < units_; ++t) {
      const tg::Tensor x =
          tape.input(std::span(x_).subspan(static_cast<std::size_t>(t) * 32, 32), {1, 32});
      const tg::Tensor y =
          tape.input(std::span(y_).subspan(static_cast<std::size_t>(t), 1), {1, 1});
      const tg::Tensor gates = tg::matmul(x, wx) + tg::matmul(h, wh) + b;
      const tg::Tensor i = tg::slice(gates, 1, 0, 32), f = tg::slice(gates, 1, 32, 64);
      const tg::Tensor g = tg::slice(gates, 1, 64, 96), q = tg::slice(gates, 1, 96, 128);
      c = tg::sigmoid(f) * c + tg::sigmoid(i) * tg::tanh(g);
      h = tg::sigmoid(q) * tg::tanh(c);
      const tg::Tensor error = tg::mean_squared_error(tg::matmul(h, wo) + bo, y);
      total = t == 0 ? error : total + error;
    }
    return total / static_cast<double>(units_);
  }
  void update(tg::Gradients& gradients) override { sgd_.update(parameters_, gradients); }
  void set_inputs(const std::map<std::string, tg::Array>& inputs) override {
    x_ = floats(inputs, "x");
    y_ = floats(inputs, "y");
    if (varying_) lengths_ = integers(inputs, "lengths");
  }

  const tg::Parameter &wx_, &wh_, &b_, &wo_, &bo_;
  tg::optim::Sgd sgd_;
  bool varying_;
  std::vector<float> x_, y_;
  std::vector<tg::Index> lengths_;
  std::size_t next_ = 0;
};

}  // namespace

std::unique_ptr<Workload> make_lstm_custom(const tg::TapeOptions& options) {
  return std::make_unique<LstmCustom>(options, false);
}
std::unique_ptr<Workload> make_lstm_varying(const tg::TapeOptions& options) {
  return std::make_unique<LstmCustom>(options, true);
}

}  // namespace bench
