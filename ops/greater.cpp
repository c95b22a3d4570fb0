#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct Greater {
  template <class T>
  static T apply(T x, T y) {
    return x > y ? T{1} : T{0};
  }
};

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return greater(x[0], x[1]); };
  return {{.name = "same",
           .inputs = {{2, 3}, {2, 3}},
           .apply = apply,
           .low = 0.5,
           .high = 2.0,
           .first_order = false,
           .second_order = false},
          {.name = "row",
           .inputs = {{2, 3}, {3}},
           .apply = apply,
           .low = 0.5,
           .high = 2.0,
           .first_order = false,
           .second_order = false},
          {.name = "column",
           .inputs = {{2, 3}, {2, 1}},
           .apply = apply,
           .low = 0.5,
           .high = 2.0,
           .first_order = false,
           .second_order = false},
          {.name = "scalar",
           .inputs = {Shape{}, {1, 2}},
           .apply = apply,
           .low = 0.5,
           .high = 2.0,
           .first_order = false,
           .second_order = false},
          {.name = "both",
           .inputs = {{2, 1}, {1, 3}},
           .apply = apply,
           .low = 0.5,
           .high = 2.0,
           .first_order = false,
           .second_order = false},
          {.name = "inner",
           .inputs = {{2, 2, 3}, {2, 3}},
           .apply = apply,
           .low = 0.5,
           .high = 2.0,
           .first_order = false,
           .second_order = false},
          {.name = "empty",
           .inputs = {{0, 3}, {3}},
           .apply = apply,
           .low = 0.5,
           .high = 2.0,
           .first_order = false,
           .second_order = false}};
}

}  // namespace

constinit const Operation greater_operation{.name = "greater",
                                            .form = Form::elementwise,
                                            .work = 1.0F,
                                            .elementwise_float = elementwise_kernel<Greater, float, 2>,
                                            .elementwise_double = elementwise_kernel<Greater, double, 2>,
                                            .constant = true,
                                            .cases = check_cases};

Tensor greater(const Located& x, const Located& y) { return elementwise(greater_operation, x, y); }

}  // namespace tapegrad
