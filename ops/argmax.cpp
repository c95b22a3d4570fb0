// The place of the largest, and the reductions that follow from it: the largest and the smallest
// are taken along their places, so their gradient goes to the first of equals.
#include <tapegrad/graph/called_as.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

template <class T>
void kernel(const KernelContext& context) {
  const AxisView view(context.shape(0),
                      static_cast<int>(context.attributes<AxisAttributes>().axis));
  for (Index o = 0; o < view.outer; ++o) {
    for (Index c = 0; c < view.inner; ++c) {
      const T* in = context.in<T>(0) + o * view.extent * view.inner + c;
      Index best = 0;
      for (Index i = 1; i < view.extent; ++i) {
        const T value = in[i * view.inner];
        const T largest = in[best * view.inner];
        if (value > largest || (value != value && largest == largest)) best = i;
      }
      context.out<Index>()[o * view.inner + c] = best;
    }
  }
}

Type shape_rule(const ShapeContext& context) {
  const int axis = static_cast<int>(context.attributes<AxisAttributes>().axis);
  if (context.shape(0)[axis] == 0)
    throw ShapeError(fmt::format("axis {} of {} is empty", axis, context.shape(0).to_string()));
  return {context.shape(0).without(axis), Dtype::int64};
}

Tensor along(const Located& x, const Tensor& places, int axis, bool keep_axis) {
  const Shape kept = x.shape().with(axis, 1);
  const Tensor values = take_along_axis(x, {reshape({places, x.line}, kept), x.line}, axis);
  return keep_axis ? values : reshape({values, x.line}, x.shape().without(axis));
}

std::vector<OperationCase> check_cases() {
  return {{.name = "max",
           .inputs = {{2, 3}},
           .apply = [](std::span<const Tensor> x) { return square(max(x[0])); }},
          {.name = "min of the first axis",
           .inputs = {{2, 3}},
           .apply = [](std::span<const Tensor> x) { return square(min(x[0], 0)); }},
          {.name = "one row", .inputs = {{1, 3}}, .apply = [](std::span<const Tensor> x) {
             return max(x[0], 1, true);
           }}};
}

}  // namespace

constinit const Operation argmax_operation{.name = "argmax",
                                           .form = Form::whole,
                                           .inputs = 1,
                                           .shape = shape_rule,
                                           .kernel_float = kernel<float>,
                                           .kernel_double = kernel<double>,
                                           .constant = true,
                                           .cases = check_cases};

Tensor argmax(const Located& x, int axis, bool keep_axis) {
  const Tensor places = record(argmax_operation, x, AxisAttributes{axis});
  return keep_axis ? reshape({places, x.line}, x.shape().with(axis, 1)) : places;
}

Tensor max(const Located& x, int axis, bool keep_axis) {
  const CalledAs call(x.tensor.tape(), "max");
  return along(x, argmax(x, axis), axis, keep_axis);
}

Tensor min(const Located& x, int axis, bool keep_axis) {
  const CalledAs call(x.tensor.tape(), "min");
  return along(x, argmax({negate(x), x.line}, axis), axis, keep_axis);
}

}  // namespace tapegrad
