#include <tapegrad/apps/explanation/leave_one_out.h>

#include <cstddef>
#include <vector>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

constexpr double tolerance = 1e-4;

}  // namespace

Explanation explain_by_leaving_out(const Recommender& recommender, const Person& person,
                                   std::int32_t item, Index items) {
  std::vector<float> scores(static_cast<std::size_t>(items));
  const auto at = static_cast<std::size_t>(item);
  if (!recommender.score_person(person, scores))
    throw OptionError("the model cannot score histories, and is not explained by them");
  Explanation explanation;
  explanation.score = static_cast<double>(scores[at]);
  for (std::size_t left_out = 0; left_out < person.items.size(); ++left_out) {
    std::vector<std::int32_t> rest(person.items.begin(), person.items.end());
    std::vector<float> weights(person.weights.begin(), person.weights.end());
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(left_out));
    if (!weights.empty()) weights.erase(weights.begin() + static_cast<std::ptrdiff_t>(left_out));
    // Of an empty history nothing is known.
    const bool is_scored = !rest.empty() && recommender.score_person({rest, weights}, scores);
    const double without = is_scored ? static_cast<double>(scores[at]) : 0.0;
    explanation.contributions.push_back(
        {{InputKind::history, person.items[left_out]}, explanation.score - without});
  }
  finish(explanation, tolerance);
  return explanation;
}

Explanation explain_by_leaving_out(const InteractionModel& model, const Subject& subject,
                                   std::int32_t item) {
  const std::vector<InputPart> parts = model.input_parts(subject, item);
  Tape tape({.threads = 1, .training = false});
  std::vector<float> strengths(parts.size(), 1.0F);
  const auto score = [&] {
    tape.clear();
    const Tensor input = tape.input(strengths, {static_cast<Index>(parts.size())});
    return model.logit_of_parts(tape, {parts, input}).item();
  };
  Explanation explanation;
  explanation.score = score();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    strengths[i] = 0.0F;
    explanation.contributions.push_back({parts[i], explanation.score - score()});
    strengths[i] = 1.0F;
  }
  strengths.assign(parts.size(), 0.0F);
  explanation.without_all = score();
  finish(explanation, tolerance);
  return explanation;
}

}  // namespace tapegrad::apps
