// Sessions: embedding of 10,000 items by 100, GRU of 100 over 20 steps, softmax over all items at
// every step, Adagrad, batch 50.
#include "workload.h"

namespace bench {
namespace {

constexpr tg::Index batch = 50, time = 20, items = 10000, width = 100;

class GruSessions : public Workload {
 public:
  explicit GruSessions(const tg::TapeOptions& options)
      : Workload(options),
        embedding_(parameters_.root() / "emb", items, width),
        gru_(parameters_.root() / "rnn", width, width),
        output_(parameters_.root() / "out", width, items),
        adagrad_({.learning_rate = 0.05, .threads = options.threads}),
        x_(time_first(ids(random_, batch * time, items), batch, time)),
        y_(time_first(ids(random_, batch * time, items), batch, time)) {
    units_ = batch * time;
  }

 private:
  tg::Tensor record(tg::Tape& tape) override {
    const tg::Tensor hidden = gru_(embedding_(tape.ids(x_, {time, batch}))).output;
    return tg::softmax_cross_entropy(output_(hidden), tape.ids(y_, {time, batch}));
  }
  void update(tg::Gradients& gradients) override { adagrad_.update(parameters_, gradients); }
  void set_inputs(const std::map<std::string, tg::Array>& inputs) override {
    x_ = time_first(integers(inputs, "x"), batch, time);
    y_ = time_first(integers(inputs, "y"), batch, time);
  }

  tg::nn::Embedding embedding_;
  tg::nn::Gru gru_;
  tg::nn::Linear output_;
  tg::optim::Adagrad adagrad_;
  std::vector<tg::Index> x_, y_;
};

}  // namespace

std::unique_ptr<Workload> make_gru_sessions(const tg::TapeOptions& options) {
  return std::make_unique<GruSessions>(options);
}

}  // namespace bench
