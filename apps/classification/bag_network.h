// The mean of the vectors of a text's tokens.
#pragma once

#include <tapegrad/apps/classification/text_network.h>

namespace tapegrad::apps {

struct BagOptions {
  Index width = 100;         // of vectors
  Index buckets = 0;         // of hashed n-grams; 0: tokens alone
  int longest = 2;           // n-grams of 2 to so many tokens
  double input_dropout = 0;  // part of the tokens and n-grams that is left out while training
  double dropout = 0.3;
};

// A text is the mean of the vectors of its tokens and n-grams, of which those with the same hash
// share a vector; a text without tokens is zeros. Source: Joulin et al., "Bag of tricks for
// efficient text classification", EACL 2017.
class BagNetwork : public TextNetwork {
 public:
  BagNetwork(const Scope& scope, Index vocabulary, Index classes, const BagOptions& options);
  Tensor encode(Tape& tape, const TextInputs& inputs, std::span<const Index> texts) const override;

 private:
  // The rows of the table that a text has.
  std::vector<Index> rows_of(std::span<const std::int32_t> tokens) const;

  BagOptions options_;
  Index vocabulary_;
  nn::EmbeddingBag table_;
};

}  // namespace tapegrad::apps
