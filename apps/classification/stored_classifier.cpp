#include <tapegrad/apps/classification/stored_classifier.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace tapegrad::apps {

Index Target::predicted(std::span<const double> probabilities) const {
  if (probabilities.size() == 2) return probabilities[1] >= threshold ? 1 : 0;
  return static_cast<Index>(std::ranges::max_element(probabilities) - probabilities.begin());
}

Index StoredClassifier::width() const {
  Index width = 0;
  for (const Target& target : targets) width += target.classes.size();
  return width;
}

std::vector<double> logits_of(std::span<const Target> targets, std::size_t target,
                              std::span<const double> outputs) {
  std::size_t width = 0, first = 0;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    if (t == target) first = width;
    width += static_cast<std::size_t>(targets[t].classes.size());
  }
  const auto own = static_cast<std::size_t>(targets[target].classes.size());
  std::vector<double> logits;
  for (std::size_t row = first; row < outputs.size(); row += width)
    logits.insert(logits.end(), outputs.begin() + static_cast<std::ptrdiff_t>(row),
                  outputs.begin() + static_cast<std::ptrdiff_t>(row + own));
  return logits;
}

std::vector<ClassPredictions> StoredClassifier::predictions(std::span<const double> outputs) const {
  std::vector<ClassPredictions> predictions;
  for (std::size_t t = 0; t < targets.size(); ++t)
    predictions.push_back(
        {.classes = targets[t].classes.size(),
         .probabilities = class_probabilities(logits_of(targets, t, outputs),
                                              targets[t].classes.size(), targets[t].temperature),
         .truth = {}});
  return predictions;
}

std::vector<Index> classes_of(std::span<const Target> targets) {
  std::vector<Index> classes;
  for (const Target& target : targets) classes.push_back(target.classes.size());
  return classes;
}

void put_targets(nn::WeightFile& file, std::span<const Target> targets) {
  put_texts(file, "targets", static_cast<Index>(targets.size()),
            [&](Index t) { return targets[static_cast<std::size_t>(t)].name; });
  std::vector<double> temperatures, thresholds;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const IdMap& classes = targets[t].classes;
    put_texts(file, fmt::format("classes.{}", t), classes.size(),
              [&](Index c) { return classes.name(c); });
    temperatures.push_back(targets[t].temperature);
    thresholds.push_back(targets[t].threshold);
  }
  put_list<double>(file, "temperatures", temperatures);
  put_list<double>(file, "thresholds", thresholds);
}

std::vector<Target> get_targets(const nn::WeightFile& file) {
  const std::vector<std::string> names = get_texts(file, "targets");
  const auto temperatures = get_list<double>(file, "temperatures");
  const auto thresholds = get_list<double>(file, "thresholds");
  if (names.empty() || temperatures.size() != names.size() || thresholds.size() != names.size())
    throw Error(fmt::format(
        "its targets, temperatures and thresholds must be as many, 1 or more, got {}, {} "
        "and {}",
        names.size(), temperatures.size(), thresholds.size()));
  std::vector<Target> targets;
  for (std::size_t t = 0; t < names.size(); ++t) {
    settings::temperature.check(temperatures[t]);
    settings::threshold.check(thresholds[t]);
    targets.push_back({.name = names[t],
                       .classes = get_ids(file, fmt::format("classes.{}", t)),
                       .temperature = temperatures[t],
                       .threshold = thresholds[t]});
    if (targets.back().classes.size() < 2)
      throw Error(fmt::format("its target {} must have 2 classes or more, got {}", t,
                              targets.back().classes.size()));
  }
  return targets;
}

}  // namespace tapegrad::apps
