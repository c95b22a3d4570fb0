#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Sqrt {
  template <class T>
  static T apply(T x) {
    return std::sqrt(x);
  }
};

void gradient_rule(GradientContext& context) {
  context.add(0, guarded_quotient(context.gradient(), context.output() + context.output()));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return sqrt(x[0]); };
  return {{.name = "matrix", .inputs = {{2, 3}}, .apply = apply, .low = 0.5, .high = 3.0},
          {.name = "row", .inputs = {{1, 4}}, .apply = apply, .low = 0.5, .high = 3.0},
          {.name = "scalar", .inputs = {Shape{}}, .apply = apply, .low = 0.5, .high = 3.0},
          {.name = "empty", .inputs = {{0, 3}}, .apply = apply, .low = 0.5, .high = 3.0}};
}

}  // namespace

constinit const Operation sqrt_operation{.name = "sqrt",
                                         .form = Form::elementwise,
                                         .inputs = 1,
                                         .work = 3.0F,
                                         .elementwise_float = elementwise_kernel<Sqrt, float, 1>,
                                         .elementwise_double = elementwise_kernel<Sqrt, double, 1>,
                                         .gradient = gradient_rule,
                                         .cases = check_cases};

Tensor sqrt(const Located& x) { return record(sqrt_operation, x); }

}  // namespace tapegrad
