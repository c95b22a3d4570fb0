#include <tapegrad/apps/data/pair_list.h>

#include <algorithm>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/data/record_reader.h>

namespace tapegrad::apps {

std::vector<std::pair<std::string, std::string>> parse_pairs(std::string_view text,
                                                             std::string_view option,
                                                             std::string_view example) {
  RecordReader reader(text, ',');
  Record record;
  const ReadState state = reader.next(record);
  if (state != ReadState::record || reader.position() != text.size()) {
    const std::string got =
        state == ReadState::fault ? reader.fault().reason : "got " + in_quotes(text);
    throw OptionError(
        fmt::format("{}: expected pairs with commas between, as in {}: {}", option, example, got));
  }
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string_view pair : record.fields) {
    const std::size_t sign = std::min(pair.find('='), pair.size());
    const std::string_view name = trimmed(pair.substr(0, sign));
    const std::string_view value = trimmed(pair.substr(std::min(sign + 1, pair.size())));
    if (name.empty() || value.empty())
      throw OptionError(
          fmt::format("{}: expected pairs as in {}, got {}", option, example, in_quotes(pair)));
    pairs.emplace_back(name, value);
  }
  return pairs;
}

}  // namespace tapegrad::apps
