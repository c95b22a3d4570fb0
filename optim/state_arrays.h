// The arrays of a checkpoint that a parameter's state is restored from.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/graph/array.h>
#include <tapegrad/graph/error.h>

namespace tapegrad::optim {

// The arrays that a state is restored from: each must fit, and none may be left over.
class StateArrays {
 public:
  StateArrays(const std::string& parameter, const std::map<std::string, Array>& all)
      : parameter_(parameter), all_(all) {}

  bool contains(const std::string& name) const { return all_.contains(name); }
  const Array& get(const std::string& name, const Shape& shape, Dtype dtype) {
    const Array& array = find(name);
    if (array.shape() == shape && array.dtype() == dtype) return array;
    throw ValueError(fmt::format("the optimizer's {} of {} has shape {} of {}, expected {} of {}",
                                 name, parameter_, array.shape().to_string(),
                                 name_of(array.dtype()), shape.to_string(), name_of(dtype)));
  }
  std::span<const double> get_numbers(const std::string& name, std::uint64_t least,
                                      std::uint64_t most) {
    const Array& array = find(name);
    const auto size = static_cast<std::uint64_t>(array.size());
    if (array.shape().rank() == 1 && array.dtype() == Dtype::float64 && size >= least &&
        size <= most) {
      return array.values<double>();
    }
    throw ValueError(fmt::format(
        "the optimizer's {} of {} has shape {} of {}, expected {} to {} numbers of float64", name,
        parameter_, array.shape().to_string(), name_of(array.dtype()), least, most));
  }
  void check_all_used() const {
    for (const auto& [name, array] : all_) {
      if (std::ranges::find(used_, name) == used_.end())
        throw ValueError(fmt::format(
            "the optimizer's state of {} has {}, which its rule does not keep", parameter_, name));
    }
  }

 private:
  const Array& find(const std::string& name) {
    const auto found = all_.find(name);
    if (found == all_.end())
      throw ValueError(fmt::format("the optimizer's state of {} lacks {}", parameter_, name));
    used_.push_back(name);
    return found->second;
  }

  const std::string& parameter_;
  const std::map<std::string, Array>& all_;
  std::vector<std::string> used_;
};

}  // namespace tapegrad::optim
