#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Erf {
  template <class T>
  static T apply(T x) {
    return std::erf(x);
  }
};

void gradient_rule(GradientContext& context) {
  constexpr double two_over_root_pi = 1.1283791670955126;
  context.add(0, context.gradient() * (exp(negate(square(context.input(0)))) * two_over_root_pi));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return erf(x[0]); };
  return {{.name = "matrix", .inputs = {{2, 3}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "row", .inputs = {{1, 4}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "scalar", .inputs = {Shape{}}, .apply = apply, .low = -2.0, .high = 2.0},
          {.name = "empty", .inputs = {{0, 3}}, .apply = apply, .low = -2.0, .high = 2.0}};
}

}  // namespace

constinit const Operation erf_operation{.name = "erf",
                                        .form = Form::elementwise,
                                        .work = 20.0F,
                                        .elementwise_float = elementwise_kernel<Erf, float, 1>,
                                        .elementwise_double = elementwise_kernel<Erf, double, 1>,
                                        .gradient = gradient_rule,
                                        .cases = check_cases};

Tensor erf(const Located& x) { return record(erf_operation, x); }

}  // namespace tapegrad
