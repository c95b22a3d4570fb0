#include <tapegrad/apps/command_line/cut_options.h>

#include <string>

#include <fmt/format.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>

namespace tapegrad::apps {

std::optional<double> test_from(const boost::program_options::variables_map& given) {
  if (!given.contains("test-from")) return std::nullopt;
  refuse_given(given, {"test-fraction"}, "with --test-from");
  const auto text = given["test-from"].as<std::string>();
  const std::optional<double> time = parse_time(text);
  if (!time)
    throw OptionError(
        fmt::format("--test-from: expected seconds or an ISO 8601 time, got {}", in_quotes(text)));
  return time;
}

std::optional<double> test_fraction(const boost::program_options::variables_map& given) {
  if (!given.contains("test-fraction")) return std::nullopt;
  const double fraction = given["test-fraction"].as<double>();
  if (!(fraction > 0.0 && fraction < 1.0))
    throw OptionError(fmt::format("--test-fraction must be between 0 and 1, got {}", fraction));
  return fraction;
}

}  // namespace tapegrad::apps
