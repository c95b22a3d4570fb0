// What moved a score, by the gradients on the way from nothing to what is known.
#pragma once

#include <cstdint>

#include <tapegrad/apps/explanation/explanation.h>
#include <tapegrad/apps/models/interaction_model.h>

namespace tapegrad::apps {

//   contribution of part i = ∫₀¹ ∂score(α, ..., α)/∂strength_i dα
// where strengths of 0 are an input of which nothing is known, and of 1 the input as it is. By the
// midpoint rule with `steps` points. The contributions sum to the score less the score without any
// part (Explanation::without_all), but for the error of the rule. Source: Sundararajan, Taly & Yan,
// "Axiomatic attribution for deep networks", ICML 2017, equations 1 and 2.
Explanation explain_by_gradients(const InteractionModel& model, const Subject& subject,
                                 std::int32_t item, int steps = 256);

}  // namespace tapegrad::apps
