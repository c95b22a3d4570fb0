// Neural matrix factorisation at MovieLens-1M's size: GMF of 8, MLP 64-32-16-8 on embeddings of 32,
// binary cross-entropy, Adam, batch 256.
#include "workload.h"

namespace bench {
namespace {

class NeuMf : public Workload {
 public:
  explicit NeuMf(const tg::TapeOptions& options)
      : Workload(options),
        user_gmf_(parameters_.root() / "ug", 6040, 8),
        item_gmf_(parameters_.root() / "ig", 3706, 8),
        user_mlp_(parameters_.root() / "um", 6040, 32),
        item_mlp_(parameters_.root() / "im", 3706, 32),
        first_(parameters_.root() / "mlp" / "0", 64, 32),
        second_(parameters_.root() / "mlp" / "2", 32, 16),
        third_(parameters_.root() / "mlp" / "4", 16, 8),
        output_(parameters_.root() / "out", 16, 1),
        adam_({.threads = options.threads}),
        users_(ids(random_, 256, 6040)),
        items_(ids(random_, 256, 3706)) {
    for (const tg::Index label : ids(random_, 256, 2)) y_.push_back(static_cast<float>(label));
    units_ = 256;
  }

 private:
  tg::Tensor record(tg::Tape& tape) override {
    const tg::Tensor users = tape.ids(users_);
    const tg::Tensor items = tape.ids(items_);
    const tg::Tensor gmf = user_gmf_(users) * item_gmf_(items);
    const tg::Tensor pair = tg::concatenate({user_mlp_(users), item_mlp_(items)}, 1);
    const tg::Tensor mlp = tg::relu(third_(tg::relu(second_(tg::relu(first_(pair))))));
    const tg::Tensor logits = output_(tg::concatenate({gmf, mlp}, 1));
    return tg::binary_cross_entropy_with_logits(logits, tape.input(y_, {256, 1}));
  }
  void update(tg::Gradients& gradients) override { adam_.update(parameters_, gradients); }
  void set_inputs(const std::map<std::string, tg::Array>& inputs) override {
    users_ = integers(inputs, "user");
    items_ = integers(inputs, "item");
    y_ = floats(inputs, "y");
  }

  tg::nn::Embedding user_gmf_, item_gmf_, user_mlp_, item_mlp_;
  tg::nn::Linear first_, second_, third_, output_;
  tg::optim::Adam adam_;
  std::vector<tg::Index> users_, items_;
  std::vector<float> y_;
};

}  // namespace

std::unique_ptr<Workload> make_neumf(const tg::TapeOptions& options) {
  return std::make_unique<NeuMf>(options);
}

}  // namespace bench
