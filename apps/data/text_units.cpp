#include <tapegrad/apps/data/text_units.h>

#include <cstddef>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {
namespace {

constexpr std::string_view blanks = " \t\r\v\f";

void for_each_word(std::string_view text, const std::function<void(std::string_view)>& visit) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '\n') {
      visit(end_of_line);
      ++at;
    } else if (blanks.find(text[at]) != std::string_view::npos) {
      ++at;
    } else {
      std::size_t end = at;
      while (end < text.size() && text[end] != '\n' &&
             blanks.find(text[end]) == std::string_view::npos)
        ++end;
      visit(text.substr(at, end - at));
      at = end;
    }
  }
}

// How many bytes the character has that begins with this one.
std::size_t length_of(unsigned char first) {
  if (first < 0x80U) return 1;
  if (first < 0xE0U) return 2;
  return first < 0xF0U ? 3 : 4;
}

}  // namespace

std::string_view name_of(TextUnit unit) { return unit == TextUnit::words ? "words" : "characters"; }

TextUnit text_unit_of(std::string_view name) {
  for (const TextUnit unit : {TextUnit::words, TextUnit::characters}) {
    if (name == name_of(unit)) return unit;
  }
  throw OptionError(
      fmt::format("there is no unit {}; there are words and characters", in_quotes(name)));
}

void for_each_unit(std::string_view text, TextUnit unit,
                   const std::function<void(std::string_view)>& visit) {
  if (unit == TextUnit::words) {
    for_each_word(text, visit);
    return;
  }
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = length_of(static_cast<unsigned char>(text[at]));
    visit(text.substr(at, length));
    at += length;
  }
}

std::string_view line_end_of(TextUnit unit) { return unit == TextUnit::words ? end_of_line : "\n"; }

std::string TextJoiner::add(std::string_view unit) {
  const bool ends_line = unit == line_end_of(unit_);
  std::string added;
  if (unit_ == TextUnit::words && !at_beginning_ && !ends_line) added = ' ';
  at_beginning_ = ends_line;
  return added += ends_line ? std::string_view("\n") : unit;
}

}  // namespace tapegrad::apps
