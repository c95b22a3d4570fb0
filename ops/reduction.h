// The last step of losses that are computed element by element.
#pragma once

#include <tapegrad/ops/operations.h>

namespace tapegrad {

inline Tensor reduced(const Tensor& losses, Reduction reduction, SourceLine line) {
  if (reduction == Reduction::none) return losses;
  const Located located(losses, line);
  return reduction == Reduction::mean ? mean(located) : sum(located);
}

}  // namespace tapegrad
