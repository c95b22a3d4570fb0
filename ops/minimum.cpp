#include <functional>

#include <tapegrad/ops/binary_cases.h>
#include <tapegrad/ops/catalogue.h>
#include <tapegrad/ops/extremum.h>
#include <tapegrad/ops/support.h>

namespace tapegrad {
namespace {

std::vector<OperationCase> check_cases() { return binary_cases(minimum); }

}  // namespace

constinit const Operation minimum_operation{
    .name = "minimum",
    .form = Form::elementwise,
    .inputs = 2,
    .work = 1.0F,
    .elementwise_float = elementwise_kernel<Extremum<std::less<>>, float, 2>,
    .elementwise_double = elementwise_kernel<Extremum<std::less<>>, double, 2>,
    .gradient = extremum_gradient<minimum_first_gradient_operation, minimum_second_gradient_operation>,
    .cases = check_cases};

constinit const Operation minimum_first_gradient_operation{
    .name = "minimum gradient",
    .form = Form::elementwise,
    .inputs = 3,
    .elementwise_float = elementwise_kernel<ExtremumToFirst<std::less<>>, float, 3>,
    .elementwise_double = elementwise_kernel<ExtremumToFirst<std::less<>>, double, 3>,
    .gradient = extremum_second_gradient<minimum_first_gradient_operation>};

constinit const Operation minimum_second_gradient_operation{
    .name = "minimum gradient",
    .form = Form::elementwise,
    .inputs = 3,
    .elementwise_float = elementwise_kernel<ExtremumToSecond<std::less<>>, float, 3>,
    .elementwise_double = elementwise_kernel<ExtremumToSecond<std::less<>>, double, 3>,
    .gradient = extremum_second_gradient<minimum_second_gradient_operation>};

Tensor minimum(const Located& x, const Located& y) { return elementwise(minimum_operation, x, y); }

}  // namespace tapegrad
