#include <tapegrad/apps/explanation/integrated_gradients.h>

#include <cstddef>
#include <vector>

namespace tapegrad::apps {

Explanation explain_by_gradients(const InteractionModel& model, const Subject& subject,
                                 std::int32_t item, int steps) {
  const std::vector<InputPart> parts = model.input_parts(subject, item);
  const auto count = static_cast<Index>(parts.size());
  Tape tape({.threads = 1, .training = false});
  const auto record = [&](double strength) {
    tape.clear();
    const std::vector<float> strengths(parts.size(), static_cast<float>(strength));
    return tape.input(strengths, {count});
  };
  Explanation explanation;
  explanation.score = model.logit_of_parts(tape, {parts, record(1.0)}).item();
  explanation.without_all = model.logit_of_parts(tape, {parts, record(0.0)}).item();
  std::vector<double> sums(parts.size(), 0.0);
  for (int step = 0; step < steps; ++step) {
    const Tensor strengths = record((step + 0.5) / steps);
    const Tensor score = model.logit_of_parts(tape, {parts, strengths});
    const Tensor slopes = gradient(sum(score), strengths);
    const auto values = slopes.values<float>();
    for (std::size_t i = 0; i < parts.size(); ++i) sums[i] += static_cast<double>(values[i]);
  }
  for (std::size_t i = 0; i < parts.size(); ++i)
    explanation.contributions.push_back({parts[i], sums[i] / steps});
  constexpr double tolerance = 0.02;  // of the midpoint rule
  finish(explanation, tolerance);
  return explanation;
}

}  // namespace tapegrad::apps
