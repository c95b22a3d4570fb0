// Learning online from one shopper: LSTM of 32 over 100 steps of 32 inputs, linear to 1, squared
// error at every step, SGD, batch 1.
#include "workload.h"

namespace bench {
namespace {

class LstmOnline : public Workload {
 public:
  explicit LstmOnline(const tg::TapeOptions& options)
      : Workload(options),
        lstm_(parameters_.root() / "rnn", 32, 32),
        output_(parameters_.root() / "out", 32, 1),
        sgd_({.learning_rate = 0.01, .threads = options.threads}),
        x_(uniform(random_, 3200)),
        y_(uniform(random_, 100)) {
    units_ = 100;
  }

 private:
  tg::Tensor record(tg::Tape& tape) override {
    const tg::Tensor hidden = lstm_(tape.input(x_, {100, 1, 32})).output;
    return tg::mean_squared_error(output_(hidden), tape.input(y_, {100, 1, 1}));
  }
  void update(tg::Gradients& gradients) override { sgd_.update(parameters_, gradients); }
  void set_inputs(const std::map<std::string, tg::Array>& inputs) override {
    x_ = floats(inputs, "x");
    y_ = floats(inputs, "y");
  }

  tg::nn::Lstm lstm_;
  tg::nn::Linear output_;
  tg::optim::Sgd sgd_;
  std::vector<float> x_, y_;
};

}  // namespace

std::unique_ptr<Workload> make_lstm_online(const tg::TapeOptions& options) {
  return std::make_unique<LstmOnline>(options);
}

}  // namespace bench
