#include <functional>

#include <tapegrad/ops/binary_cases.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/extremum.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

std::vector<OperationCase> check_cases() { return binary_cases(maximum); }

}  // namespace

constinit const Operation maximum_operation{
    .name = "maximum",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 1.0F,
    .elementwise_float = elementwise_kernel<Extremum<std::greater<>>, float, 2>,
    .elementwise_double = elementwise_kernel<Extremum<std::greater<>>, double, 2>,
    .gradient = extremum_gradient<maximum_first_gradient_operation, maximum_second_gradient_operation>,
    .cases = check_cases};

constinit const Operation maximum_first_gradient_operation{
    .name = "maximum gradient",
    .form = Form::elementwise,
    .inputs = 3,
    .elementwise_float = elementwise_kernel<ExtremumToFirst<std::greater<>>, float, 3>,
    .elementwise_double = elementwise_kernel<ExtremumToFirst<std::greater<>>, double, 3>,
    .gradient = extremum_second_gradient<maximum_first_gradient_operation>};

constinit const Operation maximum_second_gradient_operation{
    .name = "maximum gradient",
    .form = Form::elementwise,
    .inputs = 3,
    .elementwise_float = elementwise_kernel<ExtremumToSecond<std::greater<>>, float, 3>,
    .elementwise_double = elementwise_kernel<ExtremumToSecond<std::greater<>>, double, 3>,
    .gradient = extremum_second_gradient<maximum_second_gradient_operation>};

Tensor maximum(const Located& x, const Located& y) { return elementwise(maximum_operation, x, y); }

}  // namespace tapegrad
