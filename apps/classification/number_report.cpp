#include <tapegrad/apps/classification/number_report.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace tapegrad::apps {

NumberReport report_of(const std::string& target, const NumberPredictions& predictions) {
  return {.target = target,
          .examples = static_cast<Index>(predictions.truth.size()),
          .measures = number_measures(predictions)};
}

nlohmann::json to_json(const NumberReport& report) {
  return {{"target", report.target},
          {"examples", report.examples},
          {"rmse", report.measures.rmse},
          {"mae", report.measures.mae},
          {"r2", report.measures.r2}};
}

std::string to_text(const std::string& name, const NumberReport& report) {
  return fmt::format("{}: RMSE {:.6g} MAE {:.6g} R² {:.4f} ({} examples)\n", name,
                     report.measures.rmse, report.measures.mae, report.measures.r2,
                     report.examples);
}

}  // namespace tapegrad::apps
