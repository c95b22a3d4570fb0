#include <tapegrad/apps/explanation/path_integral.h>

#include <cstddef>
#include <vector>

namespace tapegrad::apps {

Explanation integrate_gradients(
    std::span<const InputPart> parts,
    const std::function<Tensor(Tape& tape, const Tensor& strengths)>& score, int steps) {
  const auto count = static_cast<Index>(parts.size());
  Tape tape({.threads = 1, .training = false});
  const auto record = [&](double strength) {
    tape.clear();
    const std::vector<float> strengths(parts.size(), static_cast<float>(strength));
    return tape.input(strengths, {count});
  };
  Explanation explanation;
  explanation.score = score(tape, record(1.0)).item();
  explanation.without_all = score(tape, record(0.0)).item();
  std::vector<double> sums(parts.size(), 0.0);
  for (int step = 0; step < steps; ++step) {
    const Tensor strengths = record((step + 0.5) / steps);
    const Tensor slopes = gradient(sum(score(tape, strengths)), strengths);
    const auto values = slopes.values<float>();
    for (std::size_t i = 0; i < parts.size(); ++i) sums[i] += static_cast<double>(values[i]);
  }
  for (std::size_t i = 0; i < parts.size(); ++i)
    explanation.contributions.push_back({parts[i], sums[i] / steps});
  constexpr double midpoint_tolerance = 0.02;
  finish(explanation, midpoint_tolerance);
  return explanation;
}

}  // namespace tapegrad::apps
