#include <tapegrad/apps/explanation/leave_one_out.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

std::string escaped(std::string_view text) {
  std::string result;
  for (const char character : text) {
    if (character == '<')
      result += "&lt;";
    else if (character == '&')
      result += "&amp;";
    else if (static_cast<unsigned char>(character) >= 0x20)
      result += character;
  }
  return result;
}

}  // namespace

Explanation explain_by_leaving_out(const Recommender& recommender, const Person& person,
                                   std::int32_t item, Index items) {
  std::vector<float> scores(static_cast<std::size_t>(items));
  const auto at = static_cast<std::size_t>(item);
  if (!recommender.score_person(person, scores))
    throw OptionError("the model cannot score histories, and is not explained by them");
  Explanation explanation;
  explanation.score = static_cast<double>(scores[at]);
  double sum = 0.0;
  for (std::size_t left_out = 0; left_out < person.items.size(); ++left_out) {
    std::vector<std::int32_t> rest(person.items.begin(), person.items.end());
    std::vector<float> weights(person.weights.begin(), person.weights.end());
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(left_out));
    if (!weights.empty()) weights.erase(weights.begin() + static_cast<std::ptrdiff_t>(left_out));
    // Of an empty history nothing is known.
    const bool is_scored = !rest.empty() && recommender.score_person({rest, weights}, scores);
    const double without = is_scored ? static_cast<double>(scores[at]) : 0.0;
    explanation.contributions.push_back({person.items[left_out], explanation.score - without});
    sum += explanation.score - without;
  }
  constexpr double tolerance = 1e-4;
  explanation.is_sum =
      std::abs(sum - explanation.score) <= tolerance * std::max(1e-6, std::abs(explanation.score));
  std::ranges::stable_sort(explanation.contributions, [](const auto& a, const auto& b) {
    return std::abs(a.value) > std::abs(b.value);
  });
  return explanation;
}

std::string to_svg(const Explanation& explanation, const std::vector<std::string>& names,
                   const std::string& title) {
  constexpr double row = 22.0, middle = 420.0, half = 160.0;
  const std::size_t count = std::min(names.size(), explanation.contributions.size());
  double greatest = 1e-30;
  for (std::size_t i = 0; i < count; ++i)
    greatest = std::max(greatest, std::abs(explanation.contributions[i].value));
  const double height = 60.0 + row * static_cast<double>(count);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"640\" height=\"{0}\" "
      "font-family=\"sans-serif\">\n<rect width=\"640\" height=\"{0}\" fill=\"white\"/>\n"
      "<text x=\"10\" y=\"24\" font-size=\"14\">{1}</text>\n",
      height, escaped(title));
  for (std::size_t i = 0; i < count; ++i) {
    const double value = explanation.contributions[i].value;
    const double length = half * std::abs(value) / greatest;
    const double top = 40.0 + row * static_cast<double>(i);
    svg += fmt::format(
        "<text x=\"10\" y=\"{:.1f}\" font-size=\"12\">{}</text>\n"
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"16\" fill=\"{}\"/>\n"
        "<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"11\">{:+.4f}</text>\n",
        top + 12.0, escaped(names[i]), value >= 0.0 ? middle : middle - length, top, length,
        value >= 0.0 ? "#2f7d4f" : "#b04a3a", middle + half + 5.0, top + 12.0, value);
  }
  return svg + "</svg>\n";
}

}  // namespace tapegrad::apps
