// Characters: embedding of 65 by 128, 2 layers of LSTM of 128 over 50 steps, linear to 65 at every
// step, clipped at 5, Adam, batch 50; the state goes on from step to step.
#include "workload.h"

namespace bench {
namespace {

constexpr tg::Index batch = 50, time = 50, characters = 65, width = 128;

class LstmChars : public Workload {
 public:
  explicit LstmChars(const tg::TapeOptions& options)
      : Workload(options),
        embedding_(parameters_.root() / "emb", characters, width),
        lstm_(parameters_.root() / "rnn", width, width, {.layers = 2}),
        output_(parameters_.root() / "out", width, characters),
        adam_({.learning_rate = 2e-3, .threads = options.threads}),
        x_(time_first(ids(random_, batch * time, characters), batch, time)),
        y_(time_first(ids(random_, batch * time, characters), batch, time)) {
    units_ = batch * time;
  }

 private:
  tg::Tensor record(tg::Tape& tape) override {
    const tg::Tensor x = embedding_(tape.ids(x_, {time, batch}));
    const auto [hidden, state] = lstm_(x, carried_.begin(tape, lstm_, batch));
    carried_.keep(state);
    return tg::softmax_cross_entropy(output_(hidden), tape.ids(y_, {time, batch}));
  }
  void update(tg::Gradients& gradients) override {
    carried_.take();
    tg::optim::clip_by_global_norm(gradients, 5.0);
    adam_.update(parameters_, gradients);
  }
  void set_inputs(const std::map<std::string, tg::Array>& inputs) override {
    x_ = time_first(integers(inputs, "x"), batch, time);
    y_ = time_first(integers(inputs, "y"), batch, time);
    carried_ = {};
  }

  tg::nn::Embedding embedding_;
  tg::nn::Lstm lstm_;
  tg::nn::Linear output_;
  tg::optim::Adam adam_;
  tg::nn::CarriedState carried_;
  std::vector<tg::Index> x_, y_;
};

}  // namespace

std::unique_ptr<Workload> make_lstm_chars(const tg::TapeOptions& options) {
  return std::make_unique<LstmChars>(options);
}

}  // namespace bench
