#include <functional>

#include <tapegrad/ops/binary_cases.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/extremum.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

void gradient_rule(GradientContext& context) {
  const Tensor g = context.gradient();
  const Tensor x = context.input(0);
  const Tensor y = context.input(1);
  if (context.needs(0)) context.add(0, sum_to(elementwise(maximum_first_gradient_operation, g, x, y), x));
  if (context.needs(1)) context.add(1, sum_to(elementwise(maximum_second_gradient_operation, g, x, y), y));
}

// Linear in the incoming gradient, flat in what was compared.
template <const Operation& operation>
void second_rule(GradientContext& context) {
  if (context.needs(0)) context.add(0, elementwise(operation, context.gradient(), context.input(1), context.input(2)));
}

std::vector<OperationCase> check_cases() { return binary_cases(maximum); }

}  // namespace

constinit const Operation maximum_operation{.name = "maximum",
                                            .form = Form::elementwise,
                                            .inputs = 2,
                                            .work = 1.0F,
                                            .elementwise_float = elementwise_kernel<Extremum<std::greater<>>, float, 2>,
                                            .elementwise_double = elementwise_kernel<Extremum<std::greater<>>, double, 2>,
                                            .gradient = gradient_rule,
                                            .cases = check_cases};

constinit const Operation maximum_first_gradient_operation{
    .name = "maximum gradient",
    .form = Form::elementwise,
    .inputs = 3,
    .elementwise_float = elementwise_kernel<ExtremumToFirst<std::greater<>>, float, 3>,
    .elementwise_double = elementwise_kernel<ExtremumToFirst<std::greater<>>, double, 3>,
    .gradient = second_rule<maximum_first_gradient_operation>};

constinit const Operation maximum_second_gradient_operation{
    .name = "maximum gradient",
    .form = Form::elementwise,
    .inputs = 3,
    .elementwise_float = elementwise_kernel<ExtremumToSecond<std::greater<>>, float, 3>,
    .elementwise_double = elementwise_kernel<ExtremumToSecond<std::greater<>>, double, 3>,
    .gradient = second_rule<maximum_second_gradient_operation>};

Tensor maximum(const Located& x, const Located& y) { return elementwise(maximum_operation, x, y); }

}  // namespace tapegrad
