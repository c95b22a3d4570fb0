#include <algorithm>

#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Attributes {
  Index axis, before, after;
};

Type shape_rule(const ShapeContext& context) {
  const auto& [axis, before, after] = context.attributes<Attributes>();
  if (before < 0 || after < 0)
    throw ShapeError(fmt::format("padding must not be negative, got {} and {}", before, after));
  const Index extent = context.shape(0)[static_cast<int>(axis)];
  return {context.shape(0).with(static_cast<int>(axis), before + extent + after),
          context.inputs[0]->dtype};
}

template <class T>
void kernel(const KernelContext& context) {
  const auto& attributes = context.attributes<Attributes>();
  const AxisView view(context.shape(0), static_cast<int>(attributes.axis));
  const T value = context.in<T>(1)[0];
  T* out = context.out<T>();
  for (Index o = 0; o < view.outer; ++o) {
    out = std::fill_n(out, attributes.before * view.inner, value);
    out =
        std::copy_n(context.in<T>(0) + o * view.extent * view.inner, view.extent * view.inner, out);
    out = std::fill_n(out, attributes.after * view.inner, value);
  }
}

void gradient_rule(GradientContext& context) {
  const auto attributes = context.attributes<Attributes>();
  const int axis = static_cast<int>(attributes.axis);
  context.add(0, slice(context.gradient(), axis, attributes.before,
                       attributes.before + context.input(0).shape()[axis]));
}

std::vector<OperationCase> check_cases() {
  return {{.name = "columns",
           .inputs = {{2, 3}},
           .apply = [](std::span<const Tensor> x) { return square(pad(x[0], 1, 1, 2, 0.5)); }},
          {.name = "rows",
           .inputs = {{1, 3}},
           .apply = [](std::span<const Tensor> x) { return square(pad(x[0], 0, 1, 0)); }},
          {.name = "of nothing", .inputs = {{2, 0}}, .apply = [](std::span<const Tensor> x) {
             return pad(x[0], 1, 1, 0);
           }}};
}

}  // namespace

constinit const Operation pad_operation{.name = "pad",
                                        .form = Form::whole,
                                        .inputs = 2,
                                        .shape = shape_rule,
                                        .kernel_float = kernel<float>,
                                        .kernel_double = kernel<double>,
                                        .gradient = gradient_rule,
                                        .cases = check_cases};

Tensor pad(const Located& x, int axis, Index before, Index after, double value) {
  const int rank = x.shape().rank();
  return record(pad_operation, x, scalar_like(x, value),
                Attributes{axis < 0 && axis >= -rank ? axis + rank : axis, before, after});
}

}  // namespace tapegrad
