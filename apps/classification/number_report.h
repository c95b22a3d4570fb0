// How well a model predicts the numbers of a test, as it is reported.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include <tapegrad/apps/evaluation/numbers.h>
#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

// What a test says of one target.
struct NumberReport {
  std::string target;
  Index examples = 0;
  NumberMeasures measures;
};
NumberReport report_of(const std::string& target, const NumberPredictions& predictions);

nlohmann::json to_json(const NumberReport& report);
// One line. `name` is the model's, with the target's where there are several.
std::string to_text(const std::string& name, const NumberReport& report);

}  // namespace tapegrad::apps
