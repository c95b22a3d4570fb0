#include <tapegrad/apps/data/id_list.h>

#include <algorithm>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {

std::vector<std::string> parse_ids(std::string_view line) {
  constexpr std::string_view separators = ", \t\r";
  std::vector<std::string> ids;
  for (std::size_t at = line.find_first_not_of(separators); at < line.size();
       at = line.find_first_not_of(separators, at)) {
    if (line[at] != '"') {
      const std::size_t end = std::min(line.find_first_of(separators, at), line.size());
      ids.emplace_back(line.substr(at, end - at));
      at = end;
      continue;
    }
    std::string& id = ids.emplace_back();
    for (++at;; id += line[at++]) {
      if (at >= line.size())
        throw DataError(fmt::format("expected a closing quote in {}, got none", in_quotes(line)));
      if (line[at] == '"' && (++at >= line.size() || line[at] != '"')) break;
    }
  }
  return ids;
}

}  // namespace tapegrad::apps
