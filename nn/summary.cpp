#include <tapegrad/nn/summary.h>

#include <algorithm>

#include <fmt/format.h>

namespace tapegrad::nn {

std::string summary(const Parameters& parameters) {
  std::size_t name_width = 9, shape_width = 5;
  Index trained = 0;
  for (const Parameter& parameter : parameters) {
    name_width = std::max(name_width, parameter.name().size());
    shape_width = std::max(shape_width, parameter.shape().to_string().size());
    if (!parameter.frozen()) trained += parameter.shape().size();
  }
  std::string text =
      fmt::format("{:{}}  {:{}}  {:>12}\n", "parameter", name_width, "shape", shape_width, "count");
  for (const Parameter& parameter : parameters) {
    text += fmt::format("{:{}}  {:{}}  {:>12}{}\n", parameter.name(), name_width,
                        parameter.shape().to_string(), shape_width, parameter.shape().size(),
                        parameter.frozen() ? "  frozen" : "");
  }
  return text + fmt::format("{} numbers in {} parameters, {} of them trained\n", parameters.count(),
                            parameters.size(), trained);
}

}  // namespace tapegrad::nn
