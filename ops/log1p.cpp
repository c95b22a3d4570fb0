#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Log1p {
  template <class T>
  static T apply(T x) {
    return vector_math::log1p(x);
  }
};

void gradient_rule(GradientContext& context) {
  context.add(0, guarded_quotient(context.gradient(), context.input(0) + 1.0));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return log1p(x[0]); };
  return {{.name = "matrix", .inputs = {{2, 3}}, .apply = apply, .low = -0.4, .high = 3.0},
          {.name = "row", .inputs = {{1, 4}}, .apply = apply, .low = -0.4, .high = 3.0},
          {.name = "scalar", .inputs = {Shape{}}, .apply = apply, .low = -0.4, .high = 3.0},
          {.name = "empty", .inputs = {{0, 3}}, .apply = apply, .low = -0.4, .high = 3.0}};
}

}  // namespace

constinit const Operation log1p_operation{
    .name = "log1p",
    .form = Form::elementwise,
    .inputs = 1,
    .work = 6.0F,
    .elementwise_float = elementwise_kernel<Log1p, float, 1>,
    .elementwise_double = elementwise_kernel<Log1p, double, 1>,
    .gradient = gradient_rule,
    .cases = check_cases};

Tensor log1p(const Located& x) { return record(log1p_operation, x); }

}  // namespace tapegrad
