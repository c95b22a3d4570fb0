// √s for a sum of squares, whose gradient at 0 is taken as 0, as is usual for norms.
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Root {
  template <class T>
  static T apply(T s) {
    return std::sqrt(s);
  }
};

struct ZeroSafeReciprocal {
  template <class T>
  static T apply(T x) {
    return x == T{0} ? T{0} : T{1} / x;
  }
};

void root_gradient(GradientContext& context) {
  context.add(0, context.gradient() * (record(zero_safe_reciprocal_operation, context.output()) * 0.5));
}

void reciprocal_gradient(GradientContext& context) { context.add(0, negate(context.gradient() * square(context.output()))); }

std::vector<OperationCase> check_cases() {
  return {
      {.name = "all", .inputs = {{2, 3}}, .apply = [](std::span<const Tensor> x) { return norm(x[0]); }, .low = 0.5, .high = 1.0},
      {.name = "rows",
       .inputs = {{2, 3}},
       .apply = [](std::span<const Tensor> x) { return norm(x[0], {-1}); },
       .low = 0.5,
       .high = 1.0},
      {.name = "one row",
       .inputs = {{1, 3}},
       .apply = [](std::span<const Tensor> x) { return norm(x[0], {-1}, true); },
       .low = 0.5,
       .high = 1.0}};
}

}  // namespace

constinit const Operation norm_operation{.name = "norm",
                                         .form = Form::elementwise,
                                         .work = 3.0F,
                                         .elementwise_float = elementwise_kernel<Root, float, 1>,
                                         .elementwise_double = elementwise_kernel<Root, double, 1>,
                                         .gradient = root_gradient,
                                         .cases = check_cases};

constinit const Operation zero_safe_reciprocal_operation{.name = "norm gradient",
                                                         .form = Form::elementwise,
                                                         .work = 2.0F,
                                                         .elementwise_float = elementwise_kernel<ZeroSafeReciprocal, float, 1>,
                                                         .elementwise_double = elementwise_kernel<ZeroSafeReciprocal, double, 1>,
                                                         .gradient = reciprocal_gradient};

Tensor norm(const Located& x, std::initializer_list<int> axes, bool keep_axes) {
  const Tensor total = sum({square(x), x.line}, std::span<const int>(axes.begin(), axes.size()), keep_axes);
  return record(norm_operation, {total, x.line});
}

}  // namespace tapegrad
