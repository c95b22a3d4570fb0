#include <tapegrad/apps/explanation/event_explanation.h>

#include <cstddef>
#include <type_traits>
#include <vector>

#include <tapegrad/apps/explanation/path_integral.h>

namespace tapegrad::apps {
namespace {

std::vector<InputPart> events_of(const History& history) {
  std::vector<InputPart> parts;
  for (std::size_t place = 0; place < history.size(); ++place)
    parts.push_back({.kind = InputKind::event, .number = static_cast<std::int32_t>(place)});
  return parts;
}

}  // namespace

Explanation explain_events_by_leaving_out(const std::function<double(const History&)>& score,
                                          const History& history) {
  const auto without = [](const auto& values, std::size_t place) {
    std::vector<typename std::decay_t<decltype(values)>::value_type> kept(values.begin(),
                                                                          values.end());
    if (!kept.empty()) kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(place));
    return kept;
  };
  Explanation explanation;
  explanation.score = score(history);
  for (const InputPart& part : events_of(history)) {
    const auto place = static_cast<std::size_t>(part.number);
    const auto items = without(history.items, place);
    const auto times = without(history.times, place);
    const auto types = without(history.types, place);
    explanation.contributions.push_back({part, explanation.score - score({items, times, types})});
  }
  finish(explanation, 0.0);  // sorts them
  explanation.is_sum = false;
  return explanation;
}

Explanation explain_events_by_gradients(
    const std::function<Tensor(Tape&, const History&, const Tensor& strengths)>& score,
    const History& history, int steps) {
  const auto score_of = [&](Tape& tape, const Tensor& strengths) {
    return score(tape, history, strengths);
  };
  return integrate_gradients(events_of(history), score_of, steps);
}

}  // namespace tapegrad::apps
