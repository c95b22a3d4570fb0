#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Exp {
  template <class T>
  static T apply(T x) {
    return vector_math::exp(x);
  }
};

void gradient_rule(GradientContext& context) {
  context.add(0, guarded_product(context.gradient(), context.output()));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return exp(x[0]); };
  return {{.name = "matrix", .inputs = {{2, 3}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "row", .inputs = {{1, 4}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "scalar", .inputs = {Shape{}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "empty", .inputs = {{0, 3}}, .apply = apply, .low = -2.0, .high = 2.0}};
}

}  // namespace

constinit const Operation exp_operation{.name = "exp",
                                        .form = Form::elementwise,
                                        .inputs = 1,
                                        .work = 4.0F,
                                        .elementwise_float = elementwise_kernel<Exp, float, 1>,
                                        .elementwise_double = elementwise_kernel<Exp, double, 1>,
                                        .gradient = gradient_rule,
                                        .cases = check_cases};

Tensor exp(const Located& x) { return record(exp_operation, x); }

}  // namespace tapegrad
