#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Tanh {
  template <class T>
  static T apply(T x) {
    return vector_math::tanh(x);
  }
};

struct TanhGradient {
  template <class T>
  static T apply(T gradient, T y) {
    return guarded(gradient, T{1} - y * y);
  }
};
void tanh_gradient_rule(GradientContext& context) {
  const Tensor outer = context.gradient();
  const Tensor y = context.input(1);
  if (context.needs(0)) context.add(0, tanh_gradient(outer, y));
  if (context.needs(1))
    context.add(1, doubly_guarded_product(outer, guarded_product(context.input(0), y * -2.0)));
}

void gradient_rule(GradientContext& context) {
  context.add(0, tanh_gradient(context.gradient(), context.output()));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return tanh(x[0]); };
  return {{.name = "matrix", .inputs = {{2, 3}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "row", .inputs = {{1, 4}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "scalar", .inputs = {Shape{}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "empty", .inputs = {{0, 3}}, .apply = apply, .low = -2.0, .high = 2.0}};
}

}  // namespace

constinit const Operation tanh_operation{.name = "tanh",
                                         .form = Form::elementwise,
                                         .inputs = 1,
                                         .work = 4.0F,
                                         .elementwise_float = elementwise_kernel<Tanh, float, 1>,
                                         .elementwise_double = elementwise_kernel<Tanh, double, 1>,
                                         .gradient = gradient_rule,
                                         .cases = check_cases};

constinit const Operation tanh_gradient_operation{
    .name = "tanh gradient",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 2.0F,
    .elementwise_float = elementwise_kernel<TanhGradient, float, 2>,
    .elementwise_double = elementwise_kernel<TanhGradient, double, 2>,
    .gradient = tanh_gradient_rule};

Tensor tanh_gradient(const Located& gradient, const Located& y) {
  return record(tanh_gradient_operation, gradient, y);
}

Tensor tanh(const Located& x) { return record(tanh_operation, x); }

}  // namespace tapegrad
