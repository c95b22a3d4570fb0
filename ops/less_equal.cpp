#include <tapegrad/ops/binary_cases.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct LessEqual {
  template <class T>
  static T apply(T x, T y) {
    return x <= y ? T{1} : T{0};
  }
};

std::vector<OperationCase> check_cases() { return binary_cases(less_equal, Differentiable::no); }

}  // namespace

constinit const Operation less_equal_operation{
    .name = "less_equal",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 1.0F,
    .elementwise_float = elementwise_kernel<LessEqual, float, 2>,
    .elementwise_double = elementwise_kernel<LessEqual, double, 2>,
    .constant = true,
    .cases = check_cases};

Tensor less_equal(const Located& x, const Located& y) {
  return elementwise(less_equal_operation, x, y);
}

}  // namespace tapegrad
