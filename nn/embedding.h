// The table of vectors for ids.
#pragma once

#include <span>

#include <tapegrad/graph/parameters.h>
#include <tapegrad/graph/tape.h>
#include <tapegrad/nn/initialisers.h>

namespace tapegrad::nn {

// ids [...] → [..., width]; parameter "weight" [count, width], normal unless said otherwise. Its gradient is row-sparse.
class Embedding {
 public:
  Embedding(const Scope& scope, Index count, Index width, const Initialiser& weight = normal());
  // Throws ValueError for an id outside of [0, count).
  Tensor operator()(const Located& ids) const;
  Tensor operator()(Tape& tape, std::span<const Index> ids, SourceLine line = SourceLine::here()) const;
  Tensor operator()(Tape& tape, std::span<const std::int32_t> ids, SourceLine line = SourceLine::here()) const;

  const Parameter& weight() const { return *weight_; }

 private:
  std::string path_;
  const Parameter* weight_;
};

}  // namespace tapegrad::nn
