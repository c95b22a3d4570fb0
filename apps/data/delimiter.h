#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tapegrad::apps {

// What lies between the fields of a row: a character, a longer text such as "::", or a run of
// blanks.
class Delimiter {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a character is a delimiter.
  Delimiter(char character) : text_(1, character) {}

  // Throws OptionError for an empty text and for one that holds a quote or a line's end.
  explicit Delimiter(std::string text);

  // Spaces and tabs, as many as there are; those at either end of a line lie between no fields.
  static Delimiter blanks();

  // As people write it: one of the words tab, comma, semicolon, pipe, space and blanks, or the text
  // itself, where \t is a tab. Throws OptionError as the constructor does.
  static Delimiter named(std::string_view name);

  // The length of the delimiter that begins at `position` of the text; 0 if none does.
  std::size_t length_at(std::string_view text, std::size_t position) const;

  // Appends the fields of a line, in which quotes mean nothing.
  void split(std::string_view line, std::vector<std::string_view>& fields) const;

  bool is_blanks() const { return blanks_; }

  // Whether tables with this delimiter usually quote fields: those with commas and semicolons.
  bool is_often_quoted() const { return text_ == "," || text_ == ";"; }

  // Whether a blank is a delimiter or part of one, so that a line of blanks has fields.
  bool has_blank(char blank) const { return !blanks_ && text_.find(blank) != std::string::npos; }

  friend bool operator==(const Delimiter&, const Delimiter&) = default;

 private:
  std::string text_;
  bool blanks_ = false;
};

}  // namespace tapegrad::apps
