// A language model at WikiText-2's size: embedding of 33,278 by 200, 2 layers of LSTM of 200 over
// 35 steps, dropout 0.2, linear to all words at every step, clipped at 0.25, SGD, batch 20; the
// state goes on from step to step.
#include "workload.h"

namespace bench {
namespace {

constexpr tg::Index batch = 20, time = 35, words = 33278, width = 200;
constexpr double rate = 0.2;

class LstmLm : public Workload {
 public:
  explicit LstmLm(const tg::TapeOptions& options)
      : Workload(options),
        embedding_(parameters_.root() / "emb", words, width),
        lstm_(parameters_.root() / "rnn", width, width, {.layers = 2, .dropout = rate}),
        output_(parameters_.root() / "out", width, words),
        sgd_({.learning_rate = 1e-3, .threads = options.threads}),
        x_(ids(random_, batch * time, words)),
        y_(ids(random_, batch * time, words)) {
    units_ = batch * time;
  }

 private:
  tg::Tensor record(tg::Tape& tape) override {
    const tg::Tensor x = tg::dropout(embedding_(tape.ids(x_, {time, batch})), rate);
    const auto [hidden, state] = lstm_(x, carried_.begin(tape, lstm_, batch));
    carried_.keep(state);
    return tg::softmax_cross_entropy(output_(tg::dropout(hidden, rate)),
                                     tape.ids(y_, {time, batch}));
  }
  void update(tg::Gradients& gradients) override {
    carried_.take();
    tg::optim::clip_by_global_norm(gradients, 0.25);
    sgd_.update(parameters_, gradients);
  }
  void set_inputs(const std::map<std::string, tg::Array>& inputs) override {
    x_ = integers(inputs, "x");
    y_ = integers(inputs, "y");
    carried_ = {};
  }

  tg::nn::Embedding embedding_;
  tg::nn::Lstm lstm_;
  tg::nn::Linear output_;
  tg::optim::Sgd sgd_;
  tg::nn::CarriedState carried_;
  std::vector<tg::Index> x_, y_;
};

}  // namespace

std::unique_ptr<Workload> make_lstm_lm(const tg::TapeOptions& options) {
  return std::make_unique<LstmLm>(options);
}

}  // namespace bench
