// Mean of (prediction - target)², in one pass each way.
#include <tapegrad/graph/called_as.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/guarded.h>
#include <tapegrad/ops/rows.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

template <class T>
void kernel(const KernelContext& context) {
  const T* prediction = context.in<T>(0);
  const T* target = context.in<T>(1);
  const Index count = context.inputs[0].size();
  const double sum = sum_of<T>(
      count, [=](Index i) { return (prediction[i] - target[i]) * (prediction[i] - target[i]); });
  context.out<T>()[0] = static_cast<T>(sum / static_cast<double>(count));
}

// 2·(prediction - target)·g, g a scalar.
struct SquaredErrorGradient {
  template <class T>
  static T apply(T prediction, T target, T g) {
    return guarded(g, T{2} * (prediction - target));
  }
};

void gradient_rule(GradientContext& context) {
  const Tensor prediction = context.input(0);
  const Tensor target = context.input(1);
  const Tensor g = context.gradient() * (1.0 / static_cast<double>(prediction.shape().size()));
  const Tensor to_prediction = record(squared_error_gradient_operation, prediction, target, g);
  if (context.needs(0)) context.add(0, to_prediction);
  if (context.needs(1)) context.add(1, negate(to_prediction));
}

void second_rule(GradientContext& context) {
  const Tensor doubled = context.gradient() * 2.0;
  const Tensor g = context.input(2);
  if (context.needs(0)) context.add(0, doubly_guarded_product(doubled, g));
  if (context.needs(1)) context.add(1, negate(doubly_guarded_product(doubled, g)));
  if (context.needs(2))
    context.add(2, sum_to(guarded_product(doubled, context.input(0) - context.input(1)), g));
}

Type shape_rule(const ShapeContext& context) {
  if (*context.inputs[0] != *context.inputs[1]) {
    throw ShapeError(fmt::format("the target must be like the prediction; prediction {}, target {}",
                                 context.shape(0).to_string(), context.shape(1).to_string()));
  }
  return {{}, context.inputs[0]->dtype};
}

std::vector<OperationCase> check_cases() {
  const auto apply = [](std::span<const Tensor> x) { return mean_squared_error(x[0], x[1]); };
  return {{.name = "matrix", .inputs = {{2, 3}, {2, 3}}, .apply = apply},
          {.name = "one row", .inputs = {{1, 3}, {1, 3}}, .apply = apply},
          {.name = "sum",
           .inputs = {{2, 2}, {2, 2}},
           .apply =
               [](std::span<const Tensor> x) {
                 return mean_squared_error(x[0], x[1], Reduction::sum);
               }},
          {.name = "none", .inputs = {{2, 2}, {2, 2}}, .apply = [](std::span<const Tensor> x) {
             return mean_squared_error(x[0], x[1], Reduction::none);
           }}};
}

}  // namespace

constinit const Operation mean_squared_error_operation{.name = "mean_squared_error",
                                                       .form = Form::whole,
                                                       .inputs = 2,
                                                       .shape = shape_rule,
                                                       .kernel_float = kernel<float>,
                                                       .kernel_double = kernel<double>,
                                                       .gradient = gradient_rule,
                                                       .cases = check_cases};

constinit const Operation squared_error_gradient_operation{
    .name = "mean_squared_error gradient",
    .form = Form::elementwise,
    .inputs = 3,
    .elementwise_float = elementwise_kernel<SquaredErrorGradient, float, 3>,
    .elementwise_double = elementwise_kernel<SquaredErrorGradient, double, 3>,
    .gradient = second_rule};

Tensor mean_squared_error(const Located& prediction, const Located& target, Reduction reduction) {
  const CalledAs call(prediction.tensor.tape(), "mean_squared_error");
  if (reduction == Reduction::none) return square({subtract(prediction, target), prediction.line});
  const Tensor mean = record(mean_squared_error_operation, prediction, target);
  if (reduction == Reduction::mean) return mean;
  return Located(mean, prediction.line) * static_cast<double>(prediction.shape().size());
}

}  // namespace tapegrad
