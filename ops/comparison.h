// What the six comparisons share.
#pragma once

#include <utility>
#include <vector>

#include <tapegrad/graph/operation.h>
#include <tapegrad/graph/tensor.h>

namespace tapegrad {

// Check cases of a comparison: every way to broadcast, and no gradient.
inline std::vector<OperationCase> comparison_cases(Tensor (*compare)(const Located&, const Located&)) {
  const std::pair<const char*, std::vector<Shape>> shapes[] = {
      {"same", {{2, 3}, {2, 3}}}, {"row", {{2, 3}, {3}}},         {"column", {{2, 3}, {2, 1}}}, {"scalar", {Shape{}, {1, 2}}},
      {"both", {{2, 1}, {1, 3}}}, {"inner", {{2, 2, 3}, {2, 3}}}, {"empty", {{0, 3}, {3}}}};
  std::vector<OperationCase> cases;
  for (const auto& [name, inputs] : shapes) {
    OperationCase& one = cases.emplace_back();
    one.name = name;
    one.inputs = inputs;
    one.apply = [compare](std::span<const Tensor> x) { return compare(x[0], x[1]); };
    one.low = 0.5;
    one.high = 2.0;
    one.first_order = one.second_order = false;
  }
  return cases;
}

}  // namespace tapegrad
