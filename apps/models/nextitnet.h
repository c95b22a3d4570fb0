// Dilated causal convolutions over a history.
#pragma once

#include <vector>

#include <tapegrad/apps/models/sequence_row.h>

namespace tapegrad::apps {

struct NextItNetOptions {
  SequenceModelOptions events{};
  Index blocks = 4;
  Index kernel = 3;
  Index length = 50;  // of the part of a history that it looks at
};

// Items' vectors through residual blocks: block i is
//   x + relu(norm2(conv2(relu(norm1(conv1(x))))))
// with causal convolutions of dilations d and 2d, d = 1, 4, 1, 4, ...; the state at an item scores
// the one after it. Source: Yuan et al., "A simple convolutional generative network for next item
// recommendation", WSDM 2019, figure 3b.
class NextItNet : public SequenceModel {
 public:
  NextItNet(const Scope& scope, const SequenceInputs& inputs, const NextItNetOptions& options);
  Encoded encode(Tape& tape, std::span<const History> histories,
                 const Tensor& strengths = {}) const override;
  Index longest() const override { return length_; }

 private:
  struct Block {
    nn::CausalConv1d conv1, conv2;
    nn::LayerNorm norm1, norm2;
  };
  Index length_;
  std::vector<Block> blocks_;
};

// Model `nextitnet`.
SequenceRow nextitnet_row();

}  // namespace tapegrad::apps
