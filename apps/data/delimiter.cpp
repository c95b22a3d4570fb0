#include <tapegrad/apps/data/delimiter.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/text_scan.h>

namespace tapegrad::apps {
namespace {

constexpr std::string_view blank_characters = " \t";

std::string_view without_outer_blanks(std::string_view line) {
  const std::size_t first = line.find_first_not_of(blank_characters);
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(blank_characters) - first + 1);
}

}  // namespace

Delimiter::Delimiter(std::string text) : text_(std::move(text)) {
  if (text_.empty() || text_.find_first_of("\"\r\n") != std::string::npos) {
    throw OptionError(fmt::format(
        "--delimiter must be a text without quotes and line ends, or tab, comma, semicolon, pipe, "
        "space or blanks; got {}",
        in_quotes(text_)));
  }
}

Delimiter Delimiter::blanks() {
  Delimiter delimiter(' ');
  delimiter.blanks_ = true;
  return delimiter;
}

Delimiter Delimiter::named(std::string_view name) {
  constexpr std::pair<std::string_view, char> words[] = {{"tab", '\t'},      {"\\t", '\t'},
                                                         {"comma", ','},     {"pipe", '|'},
                                                         {"semicolon", ';'}, {"space", ' '}};
  const auto* const word =
      std::ranges::find(words, name, &std::pair<std::string_view, char>::first);
  if (word != std::end(words)) return Delimiter(word->second);
  return name == "blanks" ? blanks() : Delimiter(std::string(name));
}

std::size_t Delimiter::length_at(std::string_view text, std::size_t position) const {
  if (blanks_) {
    const std::size_t end =
        std::min(text.find_first_not_of(blank_characters, position), text.size());
    return end - std::min(position, end);
  }
  return text.substr(position).starts_with(text_) ? text_.size() : 0;
}

void Delimiter::split(std::string_view line, std::vector<std::string_view>& fields) const {
  if (!blanks_ && text_.size() == 1) {
    std::size_t begin = 0;
    for_each_place(line, text_[0], [&](std::size_t end) {
      fields.push_back(line.substr(begin, end - begin));
      begin = end + 1;
    });
    fields.push_back(line.substr(begin));
    return;
  }
  if (blanks_) line = without_outer_blanks(line);
  while (true) {
    const std::size_t end = blanks_ ? line.find_first_of(blank_characters) : line.find(text_);
    fields.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return;
    line.remove_prefix(end + length_at(line, end));
  }
}

}  // namespace tapegrad::apps
