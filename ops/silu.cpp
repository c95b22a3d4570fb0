// y = x·σ(x); y' = σ(x) + y·(1 - σ(x)).
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Silu {
  template <class T>
  static T apply(T x) {
    return x * vector_math::sigmoid(x);
  }
};

void gradient_rule(GradientContext& context) {
  const Tensor s = sigmoid(context.input(0));
  context.add(0, context.gradient() * (s + context.output() * (1.0 - s)));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return silu(x[0]); };
  return {{.name = "matrix", .inputs = {{2, 3}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "row", .inputs = {{1, 4}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "scalar", .inputs = {Shape{}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "empty", .inputs = {{0, 3}}, .apply = apply, .low = -2.0, .high = 2.0}};
}

}  // namespace

constinit const Operation silu_operation{.name = "silu",
                                         .form = Form::elementwise,
                                         .work = 6.0F,
                                         .elementwise_float = elementwise_kernel<Silu, float, 1>,
                                         .elementwise_double = elementwise_kernel<Silu, double, 1>,
                                         .gradient = gradient_rule,
                                         .cases = check_cases};

Tensor silu(const Located& x) { return record(silu_operation, x); }

}  // namespace tapegrad
