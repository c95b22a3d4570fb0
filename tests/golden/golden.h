// The golden files, and comparison with them.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include <tapegrad/nn/safetensors.h>

#ifndef TAPEGRAD_GOLDEN_DIR
#error "define TAPEGRAD_GOLDEN_DIR as the folder of the golden files"
#endif

namespace golden {

namespace tg = tapegrad;

constexpr double tolerance = 1e-5;

// The tensors of a file that make_golden.py wrote.
class Golden {
 public:
  explicit Golden(const std::string& name)
      : file_(
            tg::nn::load_weights(std::string(TAPEGRAD_GOLDEN_DIR) + "/" + name + ".safetensors")) {}

  const tg::Array& operator[](const std::string& name) const {
    const auto found = file_.tensors.find(name);
    REQUIRE_MESSAGE(found != file_.tensors.end(), "the golden file lacks " << name);
    return found->second;
  }

  // Those under a prefix, which is cut off.
  std::map<std::string, tg::Array> under(const std::string& prefix) const {
    std::map<std::string, tg::Array> found;
    for (const auto& [name, array] : file_.tensors) {
      if (name.starts_with(prefix)) found.emplace(name.substr(prefix.size()), array);
    }
    return found;
  }

  // The largest difference between `ours` and the file's numbers is within the tolerance, relative
  // above 1.
  void check(const std::string& name, const tg::Array& ours) const {
    CAPTURE(name);
    const tg::Array& theirs = (*this)[name];
    REQUIRE(ours.shape().size() == theirs.shape().size());
    double worst = 0.0;
    for (tg::Index i = 0; i < ours.size(); ++i) {
      const double error =
          std::abs(ours.at(i) - theirs.at(i)) / std::max(1.0, std::abs(theirs.at(i)));
      worst = error <= worst ? worst : error;  // also takes NaN
    }
    CHECK(worst <= tolerance);
  }

 private:
  tg::nn::WeightFile file_;
};

}  // namespace golden
