// Running sums along an axis; the gradient runs the other way.
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

struct Attributes {
  std::int32_t axis;
  std::int32_t backwards;
};

template <class T>
void kernel(const KernelContext& context) {
  const auto& attributes = context.attributes<Attributes>();
  const AxisView view(context.shape(0), attributes.axis);
  for (Index o = 0; o < view.outer; ++o) {
    for (Index c = 0; c < view.inner; ++c) {
      double running = 0.0;
      for (Index i = 0; i < view.extent; ++i) {
        const Index place = attributes.backwards != 0 ? view.extent - 1 - i : i;
        const Index at = (o * view.extent + place) * view.inner + c;
        running += static_cast<double>(context.in<T>(0)[at]);
        context.out<T>()[at] = static_cast<T>(running);
      }
    }
  }
}

void gradient_rule(GradientContext& context) {
  Attributes attributes = context.attributes<Attributes>();
  attributes.backwards = 1 - attributes.backwards;
  context.add(0, record(cumsum_operation, context.gradient(), attributes));
}

Type shape_rule(const ShapeContext& context) {
  (void)context.shape(0).normalised(context.attributes<Attributes>().axis);
  return *context.inputs[0];
}

std::vector<OperationCase> check_cases() {
  return {{.name = "last axis",
           .inputs = {{2, 3}},
           .apply = [](std::span<const Tensor> x) { return square(cumsum(x[0])); }},
          {.name = "first axis",
           .inputs = {{2, 3}},
           .apply = [](std::span<const Tensor> x) { return square(cumsum(x[0], 0)); }},
          {.name = "one row",
           .inputs = {{1, 3}},
           .apply = [](std::span<const Tensor> x) { return cumsum(x[0], 1); }},
          {.name = "empty", .inputs = {{0, 3}}, .apply = [](std::span<const Tensor> x) {
             return cumsum(x[0]);
           }}};
}

}  // namespace

constinit const Operation cumsum_operation{.name = "cumsum",
                                           .form = Form::whole,
                                           .inputs = 1,
                                           .shape = shape_rule,
                                           .kernel_float = kernel<float>,
                                           .kernel_double = kernel<double>,
                                           .gradient = gradient_rule,
                                           .cases = check_cases};

Tensor cumsum(const Located& x, int axis) {
  return record(cumsum_operation, x, Attributes{axis, 0});
}

}  // namespace tapegrad
