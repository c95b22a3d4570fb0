// Modules one after another.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include <tapegrad/graph/error.h>
#include <tapegrad/graph/tensor.h>

namespace tapegrad::nn {

// Anything that takes a tensor and returns one: layers, lambdas, other Sequentials. Without any,
// also after a move, it returns its input.
class Sequential {
 public:
  using Module = std::function<Tensor(const Located&)>;

  Sequential() = default;
  // Throws ValueError for an empty function.
  Sequential(std::initializer_list<Module> modules) {
    for (const Module& module : modules) add(module);
  }
  Sequential& add(Module module) {
    if (!module) throw ValueError("Sequential: the module is an empty function");
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
