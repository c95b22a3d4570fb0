#include <tapegrad/ops/binary_cases.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Equal {
  template <class T>
  static T apply(T x, T y) {
    return x == y ? T{1} : T{0};
  }
};

std::vector<OperationCase> check_cases() { return binary_cases(equal, Differentiable::no); }

}  // namespace

constinit const Operation equal_operation{
    .name = "equal",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 1.0F,
    .elementwise_float = elementwise_kernel<Equal, float, 2>,
    .elementwise_double = elementwise_kernel<Equal, double, 2>,
    .constant = true,
    .cases = check_cases};

Tensor equal(const Located& x, const Located& y) { return elementwise(equal_operation, x, y); }

}  // namespace tapegrad
