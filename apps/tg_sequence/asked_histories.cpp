#include "asked_histories.h"

#include <algorithm>
#include <sstream>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/id_list.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/data/text_file.h>

namespace tapegrad::apps {
namespace {

AskedHistory history_of(std::string line, const IdMap& items,
                        std::span<const std::int32_t> unlearnt) {
  AskedHistory asked{.line = std::move(line), .items = {}, .told = {}};
  for (const std::string& given : parse_ids(asked.line)) {
    const std::string_view id = trimmed(given);
    const auto item = static_cast<std::int32_t>(items.find(id));
    if (item < 0)
      asked.told += fmt::format("tg-sequence: item {} is unknown and left out\n", in_quotes(id));
    else if (std::ranges::binary_search(unlearnt, item))
      asked.told +=
          fmt::format("tg-sequence: item {} was not trained on and is left out\n", in_quotes(id));
    else
      asked.items.push_back(item);
  }
  return asked;
}

}  // namespace

std::vector<AskedHistory> asked_histories(const boost::program_options::variables_map& given,
                                          const IdMap& items,
                                          std::span<const std::int32_t> unlearnt) {
  const bool one = given.contains("history");
  std::istringstream lines(
      one ? given["history"].as<std::string>()
          : read_text_file(given["histories"].as<std::string>(), max_unpacked(given)));
  std::vector<AskedHistory> all;
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    AskedHistory asked;
    std::string problem;
    try {
      asked = history_of(line, items, unlearnt);
      if (asked.items.empty())
        problem = fmt::format("expected an item that the model knows, got {}", in_quotes(line));
    } catch (const DataError& error) {
      asked.line = line;
      problem = error.what();
    }
    if (!problem.empty()) problem = fmt::format("history {}: {}", all.size() + 1, problem);
    if (!problem.empty() && one) throw DataError(problem);
    if (!problem.empty())
      asked.told += fmt::format("tg-sequence: {}: nothing is predicted\n", problem);
    all.push_back(std::move(asked));
  }
  if (all.empty()) throw DataError("expected a history, got none");
  return all;
}

}  // namespace tapegrad::apps
