// An operation of one's own: the same struct as a built-in one. swish(x) = x·σ(βx), β an input of
// its own.
#include <tapegrad/graph/elementwise.h>
#include <tapegrad/graph/gradient_context.h>
#include <tapegrad/tapegrad.h>

#include <cmath>
#include <cstdio>

namespace tg = tapegrad;

namespace {

// The arithmetic of one element, for float and double.
struct Swish {
  template <class T>
  static T apply(T x, T beta) {
    return x / (T{1} + std::exp(-beta * x));
  }
};

// The gradient's nodes, emitted with public operations, so that it has gradients itself: with s =
// σ(βx),
//   ∂y/∂x = s + βx·s(1-s),   ∂y/∂β = Σ x²·s(1-s)
void swish_gradient(tg::GradientContext& context) {
  const tg::Tensor x = context.input(0);
  const tg::Tensor beta = context.input(1);
  const tg::Tensor g = context.gradient();
  const tg::Tensor s = tg::sigmoid(beta * x);
  const tg::Tensor slope = s * (1.0 - s);
  if (context.needs(0)) context.add(0, g * (s + beta * x * slope));
  if (context.needs(1))
    context.add(1, tg::reshape(tg::sum(g * tg::square(x) * slope), beta.shape()));
}

constexpr tg::Operation swish_operation{
    .name = "swish",
    .form = tg::Form::elementwise,
    .inputs = 2,
    .work = 6.0F,
    .elementwise_float = tg::elementwise_kernel<Swish, float, 2>,
    .elementwise_double = tg::elementwise_kernel<Swish, double, 2>,
    .gradient = swish_gradient};

tg::Tensor swish(const tg::Located& x, const tg::Located& beta) {
  return tg::record(swish_operation, x, beta);
}

}  // namespace

int main() {
  tg::Parameters parameters(1);
  const tg::Parameter& x = parameters.add("x", {3, 4}, tg::nn::normal());
  const tg::Parameter& beta = parameters.add("beta", {}, tg::nn::constant(1.5));

  const auto loss = [&](tg::Tape& tape) { return tg::sum(tg::square(swish(tape(x), tape(beta)))); };
  tg::Tape tape;
  const tg::Tensor value = loss(tape);
  const tg::Gradients gradients = tg::backward(value);
  std::printf("loss %.6f, its gradient for beta %.6f\n", value.item(), gradients.at("beta").at(0));

  const tg::GradcheckResult check = tg::gradcheck(parameters, loss);
  std::printf("gradient check %s: %lld comparisons, worst %s\n", check.passed ? "passed" : "failed",
              static_cast<long long>(check.comparisons), check.worst.c_str());
  return check.passed ? 0 : 1;
}
