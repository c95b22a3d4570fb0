// First numbers of parameters, under the field's names. Fans are those of a matrix [out, in] as in PyTorch, unless said
// otherwise.
#pragma once

#include <tapegrad/graph/parameters.h>

namespace tapegrad::nn {

Initialiser zeros();
Initialiser constant(double value);
Initialiser uniform(double low, double high);
Initialiser normal(double mean = 0.0, double deviation = 1.0);
// Uniform in ±gain·√(6 / (fan in + fan out)). Source: Glorot & Bengio, AISTATS 2010.
Initialiser xavier_uniform(double gain = 1.0);
// Uniform in ±√(3)·gain/√(fan in). Source: He et al., ICCV 2015.
Initialiser kaiming_uniform(double gain = 1.4142135623730951);
// Uniform in ±1/√(fan in), fan in given: what PyTorch gives linear layers and their biases.
Initialiser uniform_by_fan(Index fan_in);

}  // namespace tapegrad::nn
