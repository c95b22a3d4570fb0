// Self-attention over a text.
#pragma once

#include <tapegrad/apps/classification/text_network.h>

namespace tapegrad::apps {

struct TransformerTextOptions {
  Index width = 128;  // of the vectors of tokens and of all layers
  Index layers = 2, heads = 4;
  double input_dropout = 0.2;  // of the vectors
  double dropout = 0.2;        // within the layers, and before the output
};

// Vectors of tokens with sinusoidal positions go through a Transformer's encoder, in which every
// token sees the whole text; a text is the mean of its states, weighted by attention. A text
// without tokens is zeros. Sources: Vaswani et al., NeurIPS 2017; of the pooling Yang et al., NAACL
// 2016.
class TransformerText : public TextNetwork {
 public:
  TransformerText(const Scope& scope, Index vocabulary, Index classes,
                  const TransformerTextOptions& options);
  Tensor encode(Tape& tape, const TextInputs& inputs, std::span<const Index> texts,
                const Tensor& strengths = {}) const override;

 private:
  double input_dropout_;
  nn::Embedding embedding_;
  nn::TransformerEncoder layers_;
  nn::AttentionPooling pooling_;
};

}  // namespace tapegrad::apps
