#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Abs {
  template <class T>
  static T apply(T x) {
    return std::abs(x);
  }
};

void gradient_rule(GradientContext& context) {
  context.add(0, guarded_product(context.gradient(), sign(context.input(0))));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return abs(x[0]); };
  return {{.name = "matrix", .inputs = {{2, 3}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "row", .inputs = {{1, 4}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "scalar", .inputs = {Shape{}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "empty", .inputs = {{0, 3}}, .apply = apply, .low = 0.5, .high = 2.0}};
}

}  // namespace

constinit const Operation abs_operation{.name = "abs",
                                        .form = Form::elementwise,
                                        .inputs = 1,
                                        .work = 1.0F,
                                        .elementwise_float = elementwise_kernel<Abs, float, 1>,
                                        .elementwise_double = elementwise_kernel<Abs, double, 1>,
                                        .gradient = gradient_rule,
                                        .cases = check_cases};

Tensor abs(const Located& x) { return record(abs_operation, x); }

}  // namespace tapegrad
