// Clipping of gradients.
#pragma once

#include <tapegrad/graph/gradients.h>

namespace tapegrad::optim {

// Scales all gradients by one factor so that their common Euclidean norm is at most `limit`;
// returns the norm before. The factor is applied when the gradients are read, so it costs no pass
// of its own. A norm that is not finite is left alone and returned.
double clip_by_global_norm(Gradients& gradients, double limit);

// Brings every gradient within [-limit, limit].
void clip_by_value(Gradients& gradients, double limit);

}  // namespace tapegrad::optim
