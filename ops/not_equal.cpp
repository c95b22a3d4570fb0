#include <tapegrad/ops/binary_cases.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct NotEqual {
  template <class T>
  static T apply(T x, T y) {
    return x != y ? T{1} : T{0};
  }
};

std::vector<OperationCase> check_cases() { return binary_cases(not_equal, Differentiable::no); }

}  // namespace

constinit const Operation not_equal_operation{
    .name = "not_equal",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 1.0F,
    .elementwise_float = elementwise_kernel<NotEqual, float, 2>,
    .elementwise_double = elementwise_kernel<NotEqual, double, 2>,
    .constant = true,
    .cases = check_cases};

Tensor not_equal(const Located& x, const Located& y) {
  return elementwise(not_equal_operation, x, y);
}

}  // namespace tapegrad
