// -log σ(positive - negative) = softplus(negative - positive).
#include <tapegrad/graph/called_as.h>
#include <tapegrad/ops/operations.h>
#include <tapegrad/ops/reduction.h>

namespace tapegrad {

Tensor bpr(const Located& positive, const Located& negative, Reduction reduction) {
  const CalledAs call(positive.tensor.tape(), "bpr");
  positive.tensor.tape().check(negative.tensor, "bpr");
  const Located margin(subtract(negative, positive), positive.line);
  return reduced(softplus(margin), reduction, positive.line);
}

}  // namespace tapegrad
