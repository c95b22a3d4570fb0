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
    extremum_operation<std::less<>, minimum_first_gradient_operation,
                       minimum_second_gradient_operation>("minimum", check_cases)};

constinit const Operation minimum_first_gradient_operation{
    extremum_gradient_operation<ExtremumToFirst<std::less<>>, minimum_first_gradient_operation>(
        "minimum gradient")};

constinit const Operation minimum_second_gradient_operation{
    extremum_gradient_operation<ExtremumToSecond<std::less<>>, minimum_second_gradient_operation>(
        "minimum gradient")};

Tensor minimum(const Located& x, const Located& y) { return elementwise(minimum_operation, x, y); }

}  // namespace tapegrad
