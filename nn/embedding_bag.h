// Bags of ids as vectors.
#pragma once

#include <span>
#include <string>

#include <tapegrad/graph/parameters.h>
#include <tapegrad/graph/tape.h>
#include <tapegrad/nn/initialisers.h>

namespace tapegrad::nn {

enum class BagMode { sum, mean, max };

struct EmbeddingBagOptions {
  BagMode mode = BagMode::mean;
  Initialiser weight = normal();
};

// Each bag's rows of the table brought together: [bags, width]; a bag without ids gives zeros.
// Parameter "weight" [count, width]; its gradient is row-sparse.
class EmbeddingBag {
 public:
  EmbeddingBag(const Scope& scope, Index count, Index width,
               const EmbeddingBagOptions& options = {});
  // Bag i holds ids [offsets[i], offsets[i + 1]), the last one those up to the end, as in PyTorch.
  // `factors` [ids], if any, multiply the rows of a sum. Throws ValueError for offsets that do not
  // start at 0 or that fall, and for factors in another mode.
  Tensor operator()(Tape& tape, std::span<const Index> ids, std::span<const Index> offsets,
                    const Tensor& factors = {}, SourceLine line = SourceLine::here()) const;

  const Parameter& weight() const { return *weight_; }

 private:
  std::string path_;
  BagMode mode_;
  const Parameter* weight_;
};

}  // namespace tapegrad::nn
