#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Reciprocal {
  template <class T>
  static T apply(T x) {
    return T{1} / x;
  }
};

void gradient_rule(GradientContext& context) {
  context.add(0, negate(guarded_product(context.gradient(), square(context.output()))));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return reciprocal(x[0]); };
  return {{.name = "matrix", .inputs = {{2, 3}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "row", .inputs = {{1, 4}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "scalar", .inputs = {Shape{}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "empty", .inputs = {{0, 3}}, .apply = apply, .low = 0.5, .high = 2.0}};
}

}  // namespace

constinit const Operation reciprocal_operation{
    .name = "reciprocal",
    .form = Form::elementwise,
    .inputs = 1,
    .work = 2.0F,
    .elementwise_float = elementwise_kernel<Reciprocal, float, 1>,
    .elementwise_double = elementwise_kernel<Reciprocal, double, 1>,
    .gradient = gradient_rule,
    .cases = check_cases};

Tensor reciprocal(const Located& x) { return record(reciprocal_operation, x); }

}  // namespace tapegrad
