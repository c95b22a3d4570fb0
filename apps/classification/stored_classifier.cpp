#include <tapegrad/apps/classification/stored_classifier.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace tapegrad::apps {
namespace {

constexpr const char* output_scales = "output_scales";

}  // namespace

Index Target::predicted(std::span<const double> probabilities) const {
  if (probabilities.size() == 2) return probabilities[1] >= threshold ? 1 : 0;
  return static_cast<Index>(std::ranges::max_element(probabilities) - probabilities.begin());
}

Index StoredClassifier::width() const {
  Index width = 0;
  for (const Target& target : targets) width += target.width();
  return width;
}

std::vector<double> own_outputs(std::span<const Target> targets, std::size_t target,
                                std::span<const double> outputs) {
  std::size_t width = 0, first = 0;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    if (t == target) first = width;
    width += static_cast<std::size_t>(targets[t].width());
  }
  const auto own = static_cast<std::size_t>(targets[target].width());
  std::vector<double> found;
  for (std::size_t row = first; row < outputs.size(); row += width)
    found.insert(found.end(), outputs.begin() + static_cast<std::ptrdiff_t>(row),
                 outputs.begin() + static_cast<std::ptrdiff_t>(row + own));
  return found;
}

std::vector<std::vector<double>> StoredClassifier::numbers(std::span<const double> outputs) const {
  std::vector<std::vector<double>> all;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    std::vector<double>& own = all.emplace_back(own_outputs(targets, t, outputs));
    for (double& output : own) output = targets[t].number->number_of(output);
  }
  return all;
}

std::vector<ClassPredictions> StoredClassifier::predictions(std::span<const double> outputs) const {
  std::vector<ClassPredictions> predictions;
  for (std::size_t t = 0; t < targets.size(); ++t)
    predictions.push_back(
        {.classes = targets[t].classes.size(),
         .probabilities = class_probabilities(own_outputs(targets, t, outputs),
                                              targets[t].classes.size(), targets[t].temperature),
         .truth = {}});
  return predictions;
}

std::vector<Index> widths_of(std::span<const Target> targets) {
  std::vector<Index> widths;
  for (const Target& target : targets) widths.push_back(target.width());
  return widths;
}

void put_targets(nn::WeightFile& file, std::span<const Target> targets) {
  put_texts(file, "targets", static_cast<Index>(targets.size()),
            [&](Index t) { return targets[static_cast<std::size_t>(t)].name; });
  std::vector<double> temperatures, thresholds, scales;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const IdMap& classes = targets[t].classes;
    put_texts(file, fmt::format("classes.{}", t), classes.size(),
              [&](Index c) { return classes.name(c); });
    temperatures.push_back(targets[t].temperature);
    thresholds.push_back(targets[t].threshold);
    if (targets[t].number) {
      scales.push_back(targets[t].number->mean);
      scales.push_back(targets[t].number->deviation);
    }
  }
  put_list<double>(file, "temperatures", temperatures);
  put_list<double>(file, "thresholds", thresholds);
  if (!scales.empty()) put_list<double>(file, output_scales, scales);
}

std::vector<Target> get_targets(const nn::WeightFile& file, bool are_numbers) {
  const std::vector<std::string> names = get_texts(file, "targets");
  const auto temperatures = get_list<double>(file, "temperatures");
  const auto thresholds = get_list<double>(file, "thresholds");
  if (names.empty() || temperatures.size() != names.size() || thresholds.size() != names.size())
    throw Error(fmt::format(
        "its targets, temperatures and thresholds must be as many, 1 or more, got {}, {} "
        "and {}",
        names.size(), temperatures.size(), thresholds.size()));
  std::span<const double> scales;
  if (are_numbers) scales = get_list<double>(file, output_scales);
  if (are_numbers && scales.size() != 2 * names.size())
    throw Error(
        fmt::format("its {} must have a mean and a deviation for each of {} targets, got "
                    "{} numbers",
                    output_scales, names.size(), scales.size()));
  std::vector<Target> targets;
  for (std::size_t t = 0; t < names.size(); ++t) {
    settings::temperature.check(temperatures[t]);
    settings::threshold.check(thresholds[t]);
    targets.push_back({.name = names[t],
                       .classes = get_ids(file, fmt::format("classes.{}", t)),
                       .temperature = temperatures[t],
                       .threshold = thresholds[t]});
    if (are_numbers) {
      const OutputScale scale{.mean = scales[2 * t], .deviation = scales[2 * t + 1]};
      if (!std::isfinite(scale.mean) || !std::isfinite(scale.deviation) || scale.deviation <= 0.0)
        throw Error(fmt::format("its {} must be finite, with deviations above 0, got {} and {}",
                                output_scales, scale.mean, scale.deviation));
      if (targets.back().classes.size() > 0)
        throw Error(fmt::format("its target {} must be a number, or have classes", t));
      targets.back().number = scale;
    } else if (targets.back().classes.size() < 2)
      throw Error(fmt::format("its target {} must have 2 classes or more, got {}", t,
                              targets.back().classes.size()));
  }
  return targets;
}

}  // namespace tapegrad::apps
