// The mean of the vectors of a text's tokens.
#pragma once

#include <tapegrad/apps/classification/text_network.h>

namespace tapegrad::apps {

struct BagOptions {
  Index width = 100;         // of vectors
  double input_dropout = 0;  // part of the tokens that is left out while training
  double dropout = 0.3;
};

// A text is the mean of the vectors of its tokens, among which n-grams and parts of words may be
// (text_encoder.h); a text without tokens is zeros. Source: Joulin et al., "Bag of tricks for
// efficient text classification", EACL 2017.
class BagNetwork : public TextNetwork {
 public:
  BagNetwork(const Scope& scope, Index vocabulary, Index classes, const BagOptions& options);
  Tensor encode(Tape& tape, const TextInputs& inputs, std::span<const Index> texts,
                const Tensor& strengths = {}) const override;

 private:
  double input_dropout_;
  nn::EmbeddingBag table_;
};

}  // namespace tapegrad::apps
