#include "learning_curve_option.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/classification/stratified.h>
#include <tapegrad/apps/data/csv_field.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/apps/training/learning_curves.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

namespace {

// What a learning curve shows of a test.
struct CurveMeasure {
  const char *spoken, *written;
  double value;
};
std::vector<CurveMeasure> curve_measures(const TestedClassifier& tested, std::size_t target) {
  if (!tested.number_reports.empty()) {
    const NumberMeasures& measures = tested.number_reports[target].measures;
    return {{"RMSE", "rmse", measures.rmse}, {"R²", "r2", measures.r2}};
  }
  const ClassReport& report = tested.reports[target];
  return {{"accuracy", "accuracy", report.measures.accuracy},
          {"log loss", "log_loss", report.log_loss}};
}

}  // namespace

void add_learning_curve_option(po::options_description& description) {
  description.add_options()(
      "learning-curve", po::value<std::string>()->value_name("FILE"),
      "fit the model to an eighth, a quarter and a half of the training, too, and write accuracy "
      "and log loss, or RMSE and R² of numbers, of the test by the number of examples to this "
      "file, as its ending says: .svg (a picture) or .csv; default: it is fitted to the whole "
      "only");
}

std::string learning_curve_file(const po::variables_map& given) {
  if (!given.contains("learning-curve")) return {};
  const auto file = given["learning-curve"].as<std::string>();
  const std::string ending = std::filesystem::path(file).extension().string();
  if (ending != ".svg" && ending != ".csv")
    throw OptionError(fmt::format(
        "--learning-curve: expected a file ending in .svg or .csv, got {}", in_quotes(file)));
  return file;
}

std::vector<SizeOfTraining> fit_to_parts(const TrainingTask& task, const std::string& name,
                                         const ClassifierFitOptions& options,
                                         const Examples::Round& round, Progress& progress) {
  const std::vector<Labels>& truth = task.examples().truth;
  std::vector<std::vector<Index>> parts{round.training};
  for (int halving = 0; halving < 3; ++halving) {
    std::vector<Index> classes, half;
    for (const Index i : parts.back())
      classes.push_back(truth.front().of[static_cast<std::size_t>(i)]);
    const TwoParts halves = stratified_parts(classes, 0.5, options.examples.loop.seed);
    for (const Index i : halves.first) half.push_back(parts.back()[static_cast<std::size_t>(i)]);
    parts.push_back(std::move(half));
  }
  std::vector<SizeOfTraining> sizes;
  for (std::size_t part = parts.size() - 1; part > 0; --part) {
    const std::vector<Index>& own = parts[part];
    if (!can_validate(own)) continue;
    // These runs are short, and nobody goes on with them.
    ExampleFitOptions examples = options.examples;
    examples.loop.checkpoint.clear();
    examples.loop.curves.clear();
    examples.loop.resume = false;
    examples.loop.part = fmt::format("{} examples, ", own.size());
    const TrainingTask::Fitted fitted = task.fit(name, options.settings, examples, own, progress);
    sizes.push_back(
        {static_cast<Index>(own.size()),
         test_outputs(*fitted.model, task.outputs(*fitted.model, round.test, examples.loop.threads),
                      truth, round.test)});
  }
  return sizes;
}

nlohmann::json sizes_json(std::span<const SizeOfTraining> sizes) {
  nlohmann::json json = nlohmann::json::array();
  for (const SizeOfTraining& size : sizes)
    json.push_back({{"examples", size.examples}, {"targets", reports_json(size.tested)}});
  return json;
}

std::string sizes_text(std::span<const SizeOfTraining> sizes) {
  std::string text;
  for (const SizeOfTraining& size : sizes) {
    for (std::size_t t = 0; t < size.tested.target_count(); ++t) {
      text += fmt::format("trained on {} examples:{}", size.examples,
                          size.tested.target_count() > 1
                              ? fmt::format(" {}", printable(size.tested.target(t)))
                              : "");
      for (const CurveMeasure& measure : curve_measures(size.tested, t))
        text += fmt::format(" {} {:.4g}", measure.spoken, measure.value);
      text += '\n';
    }
  }
  return text;
}

void write_learning_curve(const std::string& file, std::span<const SizeOfTraining> sizes) {
  std::map<std::string, std::vector<LearningCurves::Point>> curves;
  std::string csv = "examples,target";
  for (const CurveMeasure& measure : curve_measures(sizes.front().tested, 0))
    csv += fmt::format(",{}", measure.written);
  csv += '\n';
  for (const SizeOfTraining& size : sizes) {
    for (std::size_t t = 0; t < size.tested.target_count(); ++t) {
      const std::string& target = size.tested.target(t);
      csv += fmt::format("{},{}", size.examples, csv_field(target));
      for (const CurveMeasure& measure : curve_measures(size.tested, t)) {
        curves[fmt::format("{}: {} by examples", target, measure.spoken)].push_back(
            {static_cast<int>(size.examples), measure.value});
        csv += fmt::format(",{:.6g}", measure.value);
      }
      csv += '\n';
    }
  }
  write_text_file(file, file.ends_with(".svg") ? curves_as_svg(curves) : csv);
}

}  // namespace tapegrad::apps
