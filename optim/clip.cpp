#include <tapegrad/optim/clip.h>

#include <cmath>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>

namespace tapegrad::optim {

double clip_by_global_norm(Gradients& gradients, double limit) {
  if (!(limit > 0.0))
    throw ValueError(fmt::format("clip_by_global_norm: the limit must be positive, got {}", limit));
  const double norm = gradients.norm();
  if (std::isfinite(norm) && norm > limit) gradients.scale(limit / norm);
  return norm;
}

void clip_by_value(Gradients& gradients, double limit) {
  if (!(limit > 0.0))
    throw ValueError(fmt::format("clip_by_value: the limit must be positive, got {}", limit));
  gradients.clamp(limit);
}

}  // namespace tapegrad::optim
