#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Rsqrt {
  template <class T>
  static T apply(T x) {
    return T{1} / std::sqrt(x);
  }
};

void gradient_rule(GradientContext& context) {
  const Tensor y = context.output();
  context.add(0, guarded_product(context.gradient(), square(y) * y * -0.5));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return rsqrt(x[0]); };
  return {{.name = "matrix", .inputs = {{2, 3}}, .apply = apply, .low = 0.5, .high = 3.0},
          {.name = "row", .inputs = {{1, 4}}, .apply = apply, .low = 0.5, .high = 3.0},
          {.name = "scalar", .inputs = {Shape{}}, .apply = apply, .low = 0.5, .high = 3.0},
          {.name = "empty", .inputs = {{0, 3}}, .apply = apply, .low = 0.5, .high = 3.0}};
}

}  // namespace

constinit const Operation rsqrt_operation{
    .name = "rsqrt",
    .form = Form::elementwise,
    .inputs = 1,
    .work = 4.0F,
    .elementwise_float = elementwise_kernel<Rsqrt, float, 1>,
    .elementwise_double = elementwise_kernel<Rsqrt, double, 1>,
    .gradient = gradient_rule,
    .cases = check_cases};

Tensor rsqrt(const Located& x) { return record(rsqrt_operation, x); }

}  // namespace tapegrad
