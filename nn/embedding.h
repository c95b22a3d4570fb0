// The table of vectors for ids.
#pragma once

#include <optional>
#include <span>

#include <tapegrad/graph/parameters.h>
#include <tapegrad/graph/tape.h>
#include <tapegrad/nn/initialisers.h>

namespace tapegrad::nn {

struct EmbeddingOptions {
  Initialiser weight = normal();
  std::optional<Index> padding = {};  // a row that starts as zeros and is never trained
};

// ids [...] → [..., width]; parameter "weight" [count, width]. Its gradient is row-sparse.
class Embedding {
 public:
  // Throws ValueError for a padding outside of the table.
  Embedding(const Scope& scope, Index count, Index width, const EmbeddingOptions& options = {});
  // Throws ValueError for an id outside of [0, count).
  Tensor operator()(const Located& ids) const;
  Tensor operator()(Tape& tape, std::span<const Index> ids,
                    SourceLine line = SourceLine::here()) const;
  Tensor operator()(Tape& tape, std::span<const std::int32_t> ids,
                    SourceLine line = SourceLine::here()) const;

  const Parameter& weight() const { return *weight_; }

 private:
  std::string path_;
  std::optional<Index> padding_;
  const Parameter* weight_;
};

}  // namespace tapegrad::nn
