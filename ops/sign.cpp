// Its gradient is 0: where it jumps there is none, and elsewhere it is flat. NaN stays NaN.
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Sign {
  template <class T>
  static T apply(T x) {
    return x > T{0} ? T{1} : (x < T{0} ? T{-1} : x);
  }
};

void gradient_rule(GradientContext& context) {
  context.add(0, context.tape().full(context.input(0).shape(), 0.0));
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return sign(x[0]); };
  return {{.name = "matrix", .inputs = {{2, 3}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "row", .inputs = {{1, 4}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "scalar", .inputs = {Shape{}}, .apply = apply, .low = 0.5, .high = 2.0},
          {.name = "empty", .inputs = {{0, 3}}, .apply = apply, .low = 0.5, .high = 2.0}};
}

}  // namespace

constinit const Operation sign_operation{.name = "sign",
                                         .form = Form::elementwise,
                                         .inputs = 1,
                                         .work = 1.0F,
                                         .elementwise_float = elementwise_kernel<Sign, float, 1>,
                                         .elementwise_double = elementwise_kernel<Sign, double, 1>,
                                         .gradient = gradient_rule,
                                         .cases = check_cases};

Tensor sign(const Located& x) { return record(sign_operation, x); }

}  // namespace tapegrad
