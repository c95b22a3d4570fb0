// A product along an axis. Its gradient multiplies the others, so that it is right where an element
// is 0; higher orders go through the product of halves, whose gradients are products of what is
// left, too.
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/composite.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

// Products are kept in double, so that they neither overflow on the way to a result that fits nor
// lose digits.
template <class T>
void kernel(const KernelContext& context) {
  const AxisView view(context.shape(0),
                      static_cast<int>(context.attributes<AxisAttributes>().axis));
  for (Index o = 0; o < view.outer; ++o) {
    for (Index c = 0; c < view.inner; ++c) {
      double product = 1.0;
      for (Index i = 0; i < view.extent; ++i)
        product *= static_cast<double>(context.in<T>(0)[(o * view.extent + i) * view.inner + c]);
      context.out<T>()[o * view.inner + c] = static_cast<T>(product);
    }
  }
}

// The incoming gradient times the product of all other places: of those before, and of those
// behind.
template <class T>
void gradient_kernel(const KernelContext& context) {
  const AxisView view(context.shape(0),
                      static_cast<int>(context.attributes<AxisAttributes>().axis));
  Scratch<double> memory(view.extent);
  double* before = memory.data();
  for (Index o = 0; o < view.outer; ++o) {
    for (Index c = 0; c < view.inner; ++c) {
      const Index first = o * view.extent * view.inner + c;
      const T* in = context.in<T>(0) + first;
      const T g = context.in<T>(1)[o * view.inner + c];
      double running = 1.0;
      for (Index i = 0; i < view.extent; ++i) {
        before[i] = running;
        running *= static_cast<double>(in[i * view.inner]);
      }
      running = 1.0;
      for (Index i = view.extent; i-- > 0;) {
        context.out<T>()[first + i * view.inner] = guarded(g, static_cast<T>(before[i] * running));
        running *= static_cast<double>(in[i * view.inner]);
      }
    }
  }
}

Tensor product_of_halves(Tensor x, int axis) {
  for (Index extent = x.shape()[axis]; extent > 1; extent = x.shape()[axis]) {
    const Index half = extent / 2;
    const Tensor product = slice(x, axis, 0, half) * slice(x, axis, half, 2 * half);
    x = extent % 2 == 0 ? product : concatenate({product, slice(x, axis, 2 * half, extent)}, axis);
  }
  return reshape(x, x.shape().without(axis));
}

void gradient_rule(GradientContext& context) {
  context.add(0, record(prod_gradient_operation, Located(context.input(0)),
                        Located(context.gradient()), context.attributes<AxisAttributes>()));
}

void second_rule(GradientContext& context) {
  const int axis = static_cast<int>(context.attributes<AxisAttributes>().axis);
  if (context.input(0).shape()[axis] == 0) {
    if (context.needs(1)) context.add(1, context.tape().full(context.input(1).shape(), 0.0));
    return;
  }
  add_composite_gradient(
      context, [axis](std::span<const Tensor> x) { return product_of_halves(x[0], axis); });
}

std::vector<OperationCase> check_cases() {
  const auto along = [](int axis) {
    return [axis](std::span<const Tensor> x) { return prod(x[0], axis); };
  };
  const auto with_zeros = [](std::vector<double> factors) {
    return [factors](std::span<const Tensor> x) {
      return prod(x[0] * x[0].tape().input(factors, {static_cast<Index>(factors.size())}), 0);
    };
  };
  return {{.name = "last axis", .inputs = {{2, 3}}, .apply = along(-1)},
          {.name = "first axis", .inputs = {{1, 3}}, .apply = along(0)},
          {.name = "middle axis", .inputs = {{2, 5, 2}}, .apply = along(1)},
          {.name = "a zero", .inputs = {{3}}, .apply = with_zeros({1, 0, 1})},
          {.name = "two zeros", .inputs = {{4}}, .apply = with_zeros({0, 1, 0, 1})},
          {.name = "empty", .inputs = {{0, 3}}, .apply = along(1)},
          {.name = "of nothing", .inputs = {{2, 0}}, .apply = along(1)}};
}

}  // namespace

constinit const Operation prod_operation{
    .name = "prod",
    .form = Form::whole,
    .inputs = 1,
    .shape =
        [](const ShapeContext& context) {
          return Type{
              context.shape(0).without(static_cast<int>(context.attributes<AxisAttributes>().axis)),
              context.inputs[0]->dtype};
        },
    .kernel_float = kernel<float>,
    .kernel_double = kernel<double>,
    .gradient = gradient_rule,
    .cases = check_cases};

constinit const Operation prod_gradient_operation{.name = "prod gradient",
                                                  .form = Form::whole,
                                                  .inputs = 2,
                                                  .shape = like_first,
                                                  .kernel_float = gradient_kernel<float>,
                                                  .kernel_double = gradient_kernel<double>,
                                                  .gradient = second_rule};

Tensor prod(const Located& x, int axis) { return record(prod_operation, x, AxisAttributes{axis}); }

}  // namespace tapegrad
