#include <tapegrad/ops/binary_cases.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Greater {
  template <class T>
  static T apply(T x, T y) {
    return x > y ? T{1} : T{0};
  }
};

std::vector<OperationCase> check_cases() { return binary_cases(greater, Differentiable::no); }

}  // namespace

constinit const Operation greater_operation{
    .name = "greater",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 1.0F,
    .elementwise_float = elementwise_kernel<Greater, float, 2>,
    .elementwise_double = elementwise_kernel<Greater, double, 2>,
    .constant = true,
    .cases = check_cases};

Tensor greater(const Located& x, const Located& y) { return elementwise(greater_operation, x, y); }

}  // namespace tapegrad
