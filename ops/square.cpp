#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Square {
  template <class T>
  static T apply(T x) {
    return x * x;
  }
};

void gradient_rule(GradientContext& context) {
  const Tensor x = context.input(0);
  context.add(0, guarded_product(context.gradient(), x + x));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return square(x[0]); };
  return {{.name = "matrix", .inputs = {{2, 3}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "row", .inputs = {{1, 4}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "scalar", .inputs = {Shape{}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "empty", .inputs = {{0, 3}}, .apply = apply, .low = -2.0, .high = 2.0}};
}

}  // namespace

constinit const Operation square_operation{
    .name = "square",
    .form = Form::elementwise,
    .inputs = 1,
    .work = 1.0F,
    .elementwise_float = elementwise_kernel<Square, float, 1>,
    .elementwise_double = elementwise_kernel<Square, double, 1>,
    .gradient = gradient_rule,
    .cases = check_cases};

Tensor square(const Located& x) { return record(square_operation, x); }

}  // namespace tapegrad
