#include <tapegrad/graph/elementwise.h>

namespace tapegrad {
namespace {

struct Sum {
  template <class... T>
  static auto apply(T... x) {
    return (x + ...);
  }
};

}  // namespace

ElementwiseKernel sum_kernel(std::size_t arity, Dtype dtype) {
  if (dtype == Dtype::float32) {
    return arity == 1   ? elementwise_kernel<Sum, float, 1>
           : arity == 2 ? elementwise_kernel<Sum, float, 2>
                        : elementwise_kernel<Sum, float, 3>;
  }
  return arity == 1   ? elementwise_kernel<Sum, double, 1>
         : arity == 2 ? elementwise_kernel<Sum, double, 2>
                      : elementwise_kernel<Sum, double, 3>;
}

}  // namespace tapegrad
