// -log σ(positive - negative) = softplus(negative - positive).
#include <tapegrad/ops/operations.h>
#include <tapegrad/ops/reduction.h>

namespace tapegrad {

Tensor bpr(const Located& positive, const Located& negative, Reduction reduction) {
  const Located margin(subtract(negative, positive), positive.line);
  return reduced(softplus(margin), reduction, positive.line);
}

}  // namespace tapegrad
