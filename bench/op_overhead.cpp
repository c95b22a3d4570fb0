// A chain of 1,000 elementwise nodes on 8 floats: x = tanh(x·w + b), 333 times, and a sum; forward
// and backward.
#include "workload.h"

namespace bench {
namespace {

class OpOverhead : public Workload {
 public:
  explicit OpOverhead(const tg::TapeOptions& options)
      : Workload(options),
        w_(parameters_.add("w", {8}, tg::nn::constant(0.9))),
        b_(parameters_.add("b", {8}, tg::nn::constant(0.1))) {
    for (int i = 0; i < 8; ++i) x_.push_back(-1.0F + 2.0F * static_cast<float>(i) / 7.0F);
    units_ = 1000;
  }

 private:
  tg::Tensor record(tg::Tape& tape) override {
    const tg::Tensor w = tape(w_);
    const tg::Tensor b = tape(b_);
    tg::Tensor x = tape.input(x_, {8});
    for (int i = 0; i < 333; ++i) x = tg::tanh(x * w + b);
    return tg::sum(x);
  }
  void set_inputs(const std::map<std::string, tg::Array>& inputs) override {
    x_ = floats(inputs, "x");
  }

  const tg::Parameter& w_;
  const tg::Parameter& b_;
  std::vector<float> x_;
};

}  // namespace

std::unique_ptr<Workload> make_op_overhead(const tg::TapeOptions& options) {
  return std::make_unique<OpOverhead>(options);
}

}  // namespace bench
