// First numbers of parameters, under the field's names. Fans are those of a matrix [out, in] as in
// PyTorch, unless said otherwise.
#pragma once

#include <tapegrad/graph/parameters.h>

namespace tapegrad::nn {

Initialiser zeros();
Initialiser constant(double value);
Initialiser uniform(double low, double high);
Initialiser normal(double mean = 0.0, double deviation = 1.0);
// Uniform in ±gain·√(6 / (fan in + fan out)). Source: Glorot & Bengio, AISTATS 2010.
Initialiser xavier_uniform(double gain = 1.0);
// Normal with the deviation gain·√(2 / (fan in + fan out)).
Initialiser xavier_normal(double gain = 1.0);
// Uniform in ±√3·gain/√(fan in). Source: He et al., ICCV 2015.
Initialiser kaiming_uniform(double gain = 1.4142135623730951);
// Normal with the deviation gain/√(fan in).
Initialiser kaiming_normal(double gain = 1.4142135623730951);
// Normal, drawn anew outside of [low, high]. Throws ValueError unless low < high; the interval
// should hold a good part of the distribution.
Initialiser truncated_normal(double mean = 0.0, double deviation = 1.0, double low = -2.0,
                             double high = 2.0);
// Rows, or columns if there are fewer of them, orthogonal and of length gain. Source: Saxe et al.,
// ICLR 2014.
Initialiser orthogonal(double gain = 1.0);
// Uniform in ±1/√(fan in), fan in given: what PyTorch gives linear layers and their biases.
Initialiser uniform_by_fan(Index fan_in);

}  // namespace tapegrad::nn
