#include <tapegrad/apps/explanation/class_score.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace tapegrad::apps {
namespace {

// log p_c / (1 - p_c) of the softmax p of logits.
double log_odds(std::span<const double> logits, std::size_t label) {
  double top = -std::numeric_limits<double>::infinity(), sum = 0.0;
  for (std::size_t c = 0; c < logits.size(); ++c) {
    if (c != label) top = std::max(top, logits[c]);
  }
  for (std::size_t c = 0; c < logits.size(); ++c) {
    if (c != label) sum += std::exp(logits[c] - top);
  }
  constexpr double greatest = 700.0;
  return std::clamp(logits[label] - top - std::log(sum), -greatest, greatest);
}

}  // namespace

std::vector<double> class_scores(const StoredClassifier& model, std::span<const double> outputs,
                                 const ClassOfTarget& one) {
  const Target& own = model.targets[one.target];
  std::vector<double> logits = own_outputs(model.targets, one.target, outputs);
  for (double& logit : logits) logit /= own.temperature;
  const auto classes = static_cast<std::size_t>(own.classes.size());
  std::vector<double> scores;
  for (std::size_t first = 0; first < logits.size(); first += classes)
    scores.push_back(
        log_odds(std::span(logits).subspan(first, classes), static_cast<std::size_t>(one.label)));
  return scores;
}

Tensor class_score(const StoredClassifier& model, const Tensor& outputs, const ClassOfTarget& one) {
  Index first = 0;
  for (std::size_t t = 0; t < one.target; ++t) first += model.targets[t].classes.size();
  const Target& own = model.targets[one.target];
  const auto logits = [&](Index from, Index to) {
    return slice(outputs, 1, first + from, first + to) / own.temperature;
  };
  // log Σ exp of the other classes, of which one or more stand before or after.
  std::vector<Tensor> parts;
  if (one.label > 0) parts.push_back(logits(0, one.label));
  if (one.label + 1 < own.classes.size())
    parts.push_back(logits(one.label + 1, own.classes.size()));
  const Tensor others = parts.size() == 1 ? parts.front() : concatenate(parts);
  const Tensor total = slice(others - log_softmax(others), 1, 0, 1);
  return sum(logits(one.label, one.label + 1) - total);
}

}  // namespace tapegrad::apps
