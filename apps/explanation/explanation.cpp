#include <tapegrad/apps/explanation/explanation.h>

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <tapegrad/apps/data/xml_text.h>

namespace tapegrad::apps {
void finish(Explanation& explanation, double tolerance) {
  double sum = explanation.without_all;
  for (const Contribution& one : explanation.contributions) sum += one.value;
  explanation.is_sum =
      std::abs(sum - explanation.score) <= tolerance * std::max(1e-6, std::abs(explanation.score));
  std::ranges::stable_sort(explanation.contributions, [](const auto& a, const auto& b) {
    return std::abs(a.value) > std::abs(b.value);
  });
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
      height, xml_text(title));
  for (std::size_t i = 0; i < count; ++i) {
    const double value = explanation.contributions[i].value;
    const double length = half * std::abs(value) / greatest;
    const double top = 40.0 + row * static_cast<double>(i);
    svg += fmt::format(
        "<text x=\"10\" y=\"{:.1f}\" font-size=\"12\">{}</text>\n"
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"16\" fill=\"{}\"/>\n"
        "<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"11\">{:+.4f}</text>\n",
        top + 12.0, xml_text(names[i]), value >= 0.0 ? middle : middle - length, top, length,
        value >= 0.0 ? "#2f7d4f" : "#b04a3a", middle + half + 5.0, top + 12.0, value);
  }
  return svg + "</svg>\n";
}

}  // namespace tapegrad::apps
