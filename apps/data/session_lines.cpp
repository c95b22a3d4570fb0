#include <tapegrad/apps/data/session_lines.h>

#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/id_list.h>
#include <tapegrad/apps/data/numbers.h>

namespace tapegrad::apps {
namespace {

class LineReader {
 public:
  // Throws DataError without a place, which the caller knows.
  void add(std::string_view line) {
    if (trimmed(line).empty()) {
      ++read_.empty_lines;
      return;
    }
    const std::size_t tab = line.find('\t');
    if (!are_pairs_) are_pairs_ = tab != std::string_view::npos;
    items_.clear();
    if (*are_pairs_) {
      if (tab == std::string_view::npos)
        throw DataError(
            "expected a prefix, a tab and the next id, as on the lines before, got no "
            "tab");
      add_ids(line.substr(0, tab));
      const std::size_t prefix = items_.size();
      add_ids(line.substr(tab + 1));
      if (items_.size() != prefix + 1)
        throw DataError(
            fmt::format("expected one id after the tab, got {}", items_.size() - prefix));
    } else {
      if (tab != std::string_view::npos)
        throw DataError(
            "expected ids with blanks or commas between, as on the lines before, got a "
            "tab");
      add_ids(line);
    }
    if (items_.empty()) {  // such as a line of commas
      ++read_.empty_lines;
      return;
    }
    read_.sessions.add(std::to_string(read_.sessions.count() + read_.empty_lines + 1),
                       {.items = items_});
  }

  SessionLines finish() {
    read_.are_pairs = are_pairs_.value_or(false);
    return std::move(read_);
  }

 private:
  void add_ids(std::string_view text) {
    for (const std::string& id : parse_ids(text)) {
      const std::string_view own = trimmed(id);
      if (!own.empty())
        items_.push_back(static_cast<std::int32_t>(read_.sessions.items.insert(own)));
    }
  }

  SessionLines read_;
  std::optional<bool> are_pairs_;
  std::vector<std::int32_t> items_;
};

}  // namespace

SessionLines read_session_lines(std::span<const std::string> paths, std::size_t max_unpacked) {
  LineReader reader;
  for (const std::string& path : paths) {
    const std::string text = read_text_file(path, max_unpacked);
    Index number = 0;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      std::string_view line = std::string_view(text).substr(begin, end - begin);
      if (line.ends_with('\r')) line.remove_suffix(1);
      begin = end + 1;
      ++number;
      try {
        reader.add(line);
      } catch (const DataError& error) {
        throw DataError(fmt::format("{}:{}: {}", path, number, error.what()));
      }
    }
  }
  SessionLines read = reader.finish();
  if (read.sessions.count() == 0)
    throw DataError(
        fmt::format("{}: expected sessions, got no line with an id", fmt::join(paths, ", ")));
  return read;
}

}  // namespace tapegrad::apps
