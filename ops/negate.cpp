#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Negate {
  template <class T>
  static T apply(T x) {
    return -x;
  }
};

void gradient_rule(GradientContext& context) { context.add(0, negate(context.gradient())); }

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return negate(x[0]); };
  return {{.name = "matrix", .inputs = {{2, 3}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "row", .inputs = {{1, 4}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "scalar", .inputs = {Shape{}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "empty", .inputs = {{0, 3}}, .apply = apply, .low = -2.0, .high = 2.0}};
}

}  // namespace

constinit const Operation negate_operation{
    .name = "negate",
    .form = Form::elementwise,
    .inputs = 1,
    .work = 1.0F,
    .elementwise_float = elementwise_kernel<Negate, float, 1>,
    .elementwise_double = elementwise_kernel<Negate, double, 1>,
    .gradient = gradient_rule,
    .cases = check_cases};

Tensor negate(const Located& x) { return record(negate_operation, x); }

}  // namespace tapegrad
