// Soft thresholding, the step that an L1 penalty takes.
#pragma once

#include <tapegrad/graph/parameters.h>

namespace tapegrad::optim {

//   w ← sign(w) · max(|w| - amount, 0)
// of every number of every parameter that is not frozen. After each step of gradient descent, with
// amount = learning rate · λ, it minimises loss + λ·Σ|w| and makes many weights exactly 0. After a
// step of Adam it is to that penalty what decoupled weight decay is to L2: the pull does not pass
// through the moments. It reads all weights, those without a gradient included. Throws ValueError
// for an amount that is negative or not finite. Source: Daubechies, Defrise & De Mol, Comm. Pure
// Appl. Math. 57, 2004.
void soft_threshold(Parameters& parameters, double amount);

}  // namespace tapegrad::optim
