#include <tapegrad/apps/data/duration.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>

namespace tapegrad::apps {

double parse_duration(std::string_view text, std::string_view option) {
  constexpr std::array<std::pair<char, double>, 6> units = {
      {{'s', 1.0}, {'m', 60.0}, {'h', 3600.0}, {'d', 86400.0}, {'w', 604800.0}, {'y', 31557600.0}}};
  const std::string_view own = trimmed(text);
  const auto unit = own.empty()
                        ? units.end()
                        : std::ranges::find(units, own.back(), &std::pair<char, double>::first);
  if (unit != units.end()) {
    const std::optional<double> number = parse_number(own.substr(0, own.size() - 1));
    if (number && *number > 0.0) return *number * unit->second;
  }
  throw OptionError(fmt::format(
      "{}: expected a number above 0 and a unit (s, m, h, d, w or y), as in 90d, got {}", option,
      in_quotes(text)));
}

}  // namespace tapegrad::apps
