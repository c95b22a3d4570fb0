// SASRec at MovieLens-1M's size: items 3,417 by 50 and 200 learned positions, two pre-norm blocks
// of one causal head, dropout 0.2, one positive and one negative a place by the items' own vectors,
// binary cross-entropy, Adam, batch 128.
#include <cmath>

#include "workload.h"

namespace bench {
namespace {

constexpr tg::Index batch = 128, length = 200, items = 3417, width = 50;
constexpr double rate = 0.2;

struct Block {
  tg::nn::LayerNorm first_norm;
  tg::nn::MultiheadAttention attention;
  tg::nn::LayerNorm second_norm;
  tg::nn::Linear first, second;

  explicit Block(const tg::Scope& scope)
      : first_norm(scope / "norm1", width),
        attention(scope / "att", width, 1, {.causal = true, .dropout = rate}),
        second_norm(scope / "norm2", width),
        first(scope / "ff1", width, width),
        second(scope / "ff2", width, width) {}

  tg::Tensor operator()(const tg::Tensor& x) const {
    const tg::Tensor attended = x + attention(first_norm(x));
    const tg::Tensor inner = tg::dropout(tg::relu(first(second_norm(attended))), rate);
    return attended + tg::dropout(second(inner), rate);
  }
};

class Sasrec : public Workload {
 public:
  explicit Sasrec(const tg::TapeOptions& options)
      : Workload(options),
        items_(parameters_.root() / "item", items, width),
        positions_(parameters_.root() / "pos", length, width),
        one_(parameters_.root() / "blocks" / "0"),
        two_(parameters_.root() / "blocks" / "1"),
        norm_(parameters_.root() / "norm", width),
        adam_({.learning_rate = 1e-3, .beta2 = 0.98, .threads = options.threads}),
        x_(ids(random_, batch * length, items)),
        positive_(ids(random_, batch * length, items)),
        negative_(ids(random_, batch * length, items)) {
    units_ = batch;
  }

 private:
  tg::Tensor record(tg::Tape& tape) override {
    const tg::Shape shape{batch, length};
    const tg::Tensor x = items_(tape.ids(x_, shape)) * std::sqrt(static_cast<double>(width)) +
                         tape(positions_.weight());
    const tg::Tensor hidden = norm_(two_(one_(tg::dropout(x, rate))));
    const tg::Tensor liked = tg::dot(hidden, items_(tape.ids(positive_, shape)));
    const tg::Tensor others = tg::dot(hidden, items_(tape.ids(negative_, shape)));
    return tg::binary_cross_entropy_with_logits(liked, tape.full(shape, 1.0)) +
           tg::binary_cross_entropy_with_logits(others, tape.full(shape, 0.0));
  }
  void update(tg::Gradients& gradients) override { adam_.update(parameters_, gradients); }
  void set_inputs(const std::map<std::string, tg::Array>& inputs) override {
    x_ = integers(inputs, "x");
    positive_ = integers(inputs, "positive");
    negative_ = integers(inputs, "negative");
  }

  tg::nn::Embedding items_, positions_;
  Block one_, two_;
  tg::nn::LayerNorm norm_;
  tg::optim::Adam adam_;
  std::vector<tg::Index> x_, positive_, negative_;
};

}  // namespace

std::unique_ptr<Workload> make_sasrec(const tg::TapeOptions& options) {
  return std::make_unique<Sasrec>(options);
}

}  // namespace bench
