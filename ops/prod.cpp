// A product along an axis; its gradient multiplies the others, so that it is right where an element is 0.
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

template <class T>
void kernel(const KernelContext& context) {
  const AxisView view(context.shape(0), static_cast<int>(context.attributes<AxisAttributes>().axis));
  for (Index o = 0; o < view.outer; ++o) {
    for (Index c = 0; c < view.inner; ++c) {
      T product = 1;
      for (Index i = 0; i < view.extent; ++i) product *= context.in<T>(0)[(o * view.extent + i) * view.inner + c];
      context.out<T>()[o * view.inner + c] = product;
    }
  }
}

// Each place gets the product of all other places: from the left, then times what is to the right.
template <class T>
void others_kernel(const KernelContext& context) {
  const AxisView view(context.shape(0), static_cast<int>(context.attributes<AxisAttributes>().axis));
  const T* in = context.in<T>(0);
  for (Index o = 0; o < view.outer; ++o) {
    for (Index c = 0; c < view.inner; ++c) {
      const Index first = o * view.extent * view.inner + c;
      T running = 1;
      for (Index i = 0; i < view.extent; ++i) {
        context.out<T>()[first + i * view.inner] = running;
        running *= in[first + i * view.inner];
      }
      running = 1;
      for (Index i = view.extent; i-- > 0;) {
        context.out<T>()[first + i * view.inner] *= running;
        running *= in[first + i * view.inner];
      }
    }
  }
}

void gradient_rule(GradientContext& context) {
  const auto axis = context.attributes<AxisAttributes>();
  const Shape shape = context.input(0).shape();
  const Tensor g = reshape(context.gradient(), shape.with(static_cast<int>(axis.axis), 1));
  context.add(0, g * record(products_of_others_operation, context.input(0), axis));
}

std::vector<OperationCase> check_cases() {
  return {{.name = "last axis",
           .inputs = {{2, 3}},
           .apply = [](std::span<const Tensor> x) { return prod(x[0], -1); },
           .second_order = false},
          {.name = "first axis",
           .inputs = {{1, 3}},
           .apply = [](std::span<const Tensor> x) { return prod(x[0], 0); },
           .second_order = false},
          {.name = "a zero",
           .inputs = {{3}},
           .apply =
               [](std::span<const Tensor> x) {
                 return prod(x[0] * x[0].tape().input(std::vector<double>{1, 0, 1}, {3}), 0);
               },
           .second_order = false},
          {.name = "empty",
           .inputs = {{0, 3}},
           .apply = [](std::span<const Tensor> x) { return prod(x[0], 1); },
           .second_order = false}};
}

}  // namespace

constinit const Operation prod_operation{
    .name = "prod",
    .form = Form::whole,
    .shape =
        [](const ShapeContext& context) {
          return Type{context.shape(0).without(static_cast<int>(context.attributes<AxisAttributes>().axis)),
                      context.inputs[0]->dtype};
        },
    .kernel_float = kernel<float>,
    .kernel_double = kernel<double>,
    .gradient = gradient_rule,
    .cases = check_cases};

constinit const Operation products_of_others_operation{.name = "prod gradient",
                                                       .form = Form::whole,
                                                       .shape = like_first,
                                                       .kernel_float = others_kernel<float>,
                                                       .kernel_double = others_kernel<double>};

Tensor prod(const Located& x, int axis) { return record(prod_operation, x, AxisAttributes{axis}); }

}  // namespace tapegrad
