#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>
#include <tapegrad/ops/vector_math.h>

namespace tapegrad {
namespace {

struct NotEqual {
  template <class T>
  static T apply(T x, T y) {
    return x != y ? T{1} : T{0};
  }
};

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return not_equal(x[0], x[1]); };
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

constinit const Operation not_equal_operation{.name = "not_equal",
                                              .form = Form::elementwise,
                                              .work = 1.0F,
                                              .elementwise_float = elementwise_kernel<NotEqual, float, 2>,
                                              .elementwise_double = elementwise_kernel<NotEqual, double, 2>,
                                              .constant = true,
                                              .cases = check_cases};

Tensor not_equal(const Located& x, const Located& y) { return elementwise(not_equal_operation, x, y); }

}  // namespace tapegrad
