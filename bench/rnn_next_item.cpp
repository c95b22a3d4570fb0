// Next purchase: embedding of 3,706 items by 64, tanh RNN of 64 over 50 steps, softmax over all
// items at the last step, Adam, batch 32.
#include "workload.h"

namespace bench {
namespace {

constexpr tg::Index batch = 32, time = 50, items = 3706;

class RnnNextItem : public Workload {
 public:
  explicit RnnNextItem(const tg::TapeOptions& options)
      : Workload(options),
        embedding_(parameters_.root() / "emb", items, 64),
        rnn_(parameters_.root() / "rnn", 64, 64),
        output_(parameters_.root() / "out", 64, items),
        adam_({.threads = options.threads}),
        x_(time_first(ids(random_, batch * time, items), batch, time)),
        y_(ids(random_, batch, items)) {
    units_ = batch * time;
  }

 private:
  tg::Tensor record(tg::Tape& tape) override {
    const auto [hidden, state] = rnn_(embedding_(tape.ids(x_, {time, batch})));
    return tg::softmax_cross_entropy(output_(state[0][0]), tape.ids(y_));
  }
  void update(tg::Gradients& gradients) override { adam_.update(parameters_, gradients); }
  void set_inputs(const std::map<std::string, tg::Array>& inputs) override {
    x_ = time_first(integers(inputs, "x"), batch, time);
    y_ = integers(inputs, "y");
  }

  tg::nn::Embedding embedding_;
  tg::nn::Rnn rnn_;
  tg::nn::Linear output_;
  tg::optim::Adam adam_;
  std::vector<tg::Index> x_, y_;
};

}  // namespace

std::unique_ptr<Workload> make_rnn_next_item(const tg::TapeOptions& options) {
  return std::make_unique<RnnNextItem>(options);
}

}  // namespace bench
