#include <tapegrad/ops/binary_cases.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Less {
  template <class T>
  static T apply(T x, T y) {
    return x < y ? T{1} : T{0};
  }
};

std::vector<OperationCase> check_cases() { return binary_cases(less, Differentiable::no); }

}  // namespace

constinit const Operation less_operation{.name = "less",
                                         .form = Form::elementwise,
                                         .inputs = 2,
                                         .work = 1.0F,
                                         .elementwise_float = elementwise_kernel<Less, float, 2>,
                                         .elementwise_double = elementwise_kernel<Less, double, 2>,
                                         .constant = true,
                                         .cases = check_cases};

Tensor less(const Located& x, const Located& y) { return elementwise(less_operation, x, y); }

}  // namespace tapegrad
