// The integral of gradients on the way from nothing to what is known.
#pragma once

#include <functional>
#include <span>

#include <tapegrad/apps/explanation/explanation.h>

namespace tapegrad::apps {

// contribution of part i = ∫₀¹ ∂score(α, ..., α)/∂strength_i dα by the midpoint rule with `steps`
// points, where `score` is of strengths [parts].
Explanation integrate_gradients(
    std::span<const InputPart> parts,
    const std::function<Tensor(Tape& tape, const Tensor& strengths)>& score, int steps);

}  // namespace tapegrad::apps
