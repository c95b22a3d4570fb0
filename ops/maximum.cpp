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
    extremum_operation<std::greater<>, maximum_first_gradient_operation,
                       maximum_second_gradient_operation>("maximum", check_cases)};

constinit const Operation maximum_first_gradient_operation{
    extremum_gradient_operation<ExtremumToFirst<std::greater<>>, maximum_first_gradient_operation>(
        "maximum gradient")};

constinit const Operation maximum_second_gradient_operation{
    extremum_gradient_operation<ExtremumToSecond<std::greater<>>,
                                maximum_second_gradient_operation>("maximum gradient")};

Tensor maximum(const Located& x, const Located& y) { return elementwise(maximum_operation, x, y); }

}  // namespace tapegrad
