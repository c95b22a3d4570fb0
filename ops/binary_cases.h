// Check cases of operations on two tensors.
#pragma once

#include <utility>
#include <vector>

#include <tapegrad/graph/operation.h>
#include <tapegrad/graph/tensor.h>

namespace tapegrad {

enum class Differentiable : bool { no, yes };

// Every way to broadcast two operands within [0.5, 2].
inline std::vector<OperationCase> binary_cases(
    Tensor (*operation)(const Located&, const Located&),
    Differentiable differentiable = Differentiable::yes) {
  const std::pair<const char*, std::vector<Shape>> shapes[] = {
      {"same", {{2, 3}, {2, 3}}},    {"row", {{2, 3}, {3}}},     {"column", {{2, 3}, {2, 1}}},
      {"scalar", {Shape{}, {1, 2}}}, {"both", {{2, 1}, {1, 3}}}, {"inner", {{2, 2, 3}, {2, 3}}},
      {"empty", {{0, 3}, {3}}}};
  std::vector<OperationCase> cases;
  for (const auto& [name, inputs] : shapes) {
    OperationCase& one = cases.emplace_back();
    one.name = name;
    one.inputs = inputs;
    one.apply = [operation](std::span<const Tensor> x) { return operation(x[0], x[1]); };
    one.low = 0.5;
    one.high = 2.0;
    one.first_order = one.second_order = differentiable == Differentiable::yes;
  }
  return cases;
}

}  // namespace tapegrad
