// Modules one after another.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include <tapegrad/graph/tensor.h>

namespace tapegrad::nn {

// Anything that takes a tensor and returns one: layers, lambdas, other Sequentials.
class Sequential {
 public:
  using Module = std::function<Tensor(const Located&)>;

  Sequential() = default;
  Sequential(std::initializer_list<Module> modules) : modules_(modules) {}
  Sequential& add(Module module) {
    modules_.push_back(std::move(module));
    return *this;
  }
  Tensor operator()(const Located& x) const {
    Tensor y = x.tensor;
    for (const Module& module : modules_) y = module({y, x.line});
    return y;
  }

 private:
  std::vector<Module> modules_;
};

}  // namespace tapegrad::nn
