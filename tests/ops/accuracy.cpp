// Writes docs/accuracy.md: what the numbers of tapegrad are held to, and the errors of the
// elementwise functions, measured. usage: accuracy > docs/accuracy.md
#include <cstdio>
#include <string>

#include "elementwise_accuracy.h"

namespace {

using namespace ops_test;

constexpr const char* introduction = R"(# Accuracy and special values

Written by `build/release/bin/accuracy > docs/accuracy.md`; `ops_test` checks the bounds and the
rules for special values.

## Sums
At most 16 terms meet in one float; what is above is added in double. This holds for reductions, for
gradients that are sums (of biases, gathered rows, tensors used many times), for statistics and for
losses. So the error of a sum in float is at most 16·2⁻²⁴·Σ|x|, whatever its length. Blocks are
counted from the first term, so the bits do not depend on the number of threads. Products of
matrices cut their sums into pieces of at most 1,024 terms, which are added in double. A convolution
whose sums have at most 2,048 terms may add them in float, as oneDNN's direct kernels do; its
gradient to the weights is added over images in double. Means are sums with a factor, and variances
and normalisations are computed of numbers from which a constant close to the mean was subtracted
first.

## NaN and infinity
- NaN in, NaN out, in values and in gradients: `maximum(1, NaN)` is NaN, and so is the gradient of
  `relu` at NaN. Exceptions are comparisons, which are 0 or 1 as IEEE 754 says, and `power(x, 0.0)`,
  which is 1.
- A gradient of 0 stays 0. An incoming gradient of 0 says that the value was not chosen, or did not
  count; it is not multiplied by a derivative that is infinite or NaN, so `where(x > 0, sqrt(x), x)`
  has the gradient 1 at -4. Gradient rules use `guarded_product` and `guarded_quotient` for this.
  Products of matrices do not guard: there, 0·∞ is NaN as IEEE 754 says.
- So both hold: a NaN in a value stays where that value counts, and the zero of what was not chosen
  stays a zero.
- Masks select: `where`, `masked_softmax`, `dropout` and `attention` ignore what is hidden, even if
  it is infinite or NaN. Second derivatives of `attention` multiply what is hidden by 0 in products
  of matrices, so there it must be finite.
- `softmax` and `log_softmax` of a row of -inf alone are NaN. `logsumexp` of one is -inf, with
  gradient 0. `masked_softmax` and `attention` of a row that sees nothing are zeros.
- The mean of a classification loss is 0, with gradient 0, if no target counts.
- Denormal numbers count as zeros while a plan runs. Results below 128 times the smallest normal
  number may be 0, since a factor of theirs may have been denormal.

## Conventions at kinks
The gradient is 0 at 0 for `abs`, `sign`, `relu` and `norm`, infinite for `sqrt`, 1 on both bounds
of `clamp`. Of equals, `maximum` and `minimum` choose the first argument, `max`, `min` and
`max_pool2d` the first element.

## Elementwise functions
The worst error on 37 special values and 4,000 everyday ones, in units in the last place of the
exact result. Where a column names a unit, errors are in units in the last place of that number if
the exact result is smaller: the derivatives of `sigmoid` and `tanh` are computed from outputs,
which round near 1, and those of `gelu` and `silu` cross 0. In each cell: measured / bound.

| function | value, float | value, double | gradient, float | gradient, double | unit of gradients |
|---|---|---|---|---|---|
)";

void print_row(const ElementwiseFunction& function) {
  const auto points = [&]<class T>(T*) {
    std::vector<T> all = special_values<T>();
    const std::vector<T> everyday = everyday_values<T>(4000, 17);
    all.insert(all.end(), everyday.begin(), everyday.end());
    return measure<T>(function, all);
  };
  const FunctionAccuracy single = points(static_cast<float*>(nullptr)),
                         wide = points(static_cast<double*>(nullptr));
  const Bound &value = function.value_bound, &gradient = function.gradient_bound;
  fmt::print(
      "| {} | {:.2f} / {} | {:.2f} / {} | {:.2f} / {} | {:.2f} / {} | {} |\n", function.name,
      single.value.worst, value.single, wide.value.worst, value.wide, single.gradient.worst,
      gradient.single, wide.gradient.worst, gradient.wide,
      gradient.unit == 0 ? std::string() : fmt::format("{}", static_cast<double>(gradient.unit)));
}

}  // namespace

int main() {
  fmt::print("{}", introduction);
  for (const ElementwiseFunction& function : elementwise_functions()) print_row(function);
}
