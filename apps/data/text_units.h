// The units that a model of language reads: the words or the characters of a text.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <tapegrad/apps/data/id_map.h>

namespace tapegrad::apps {

enum class TextUnit {
  words,      // what lies between blanks; the end of each line is the word end_of_line
  characters  // Unicode code points
};

inline constexpr std::string_view end_of_line = "<eos>";
// Stands for every unit that the vocabulary does not have.
inline constexpr std::string_view unknown_unit = "<unk>";

// As the option --unit has them.
std::string_view name_of(TextUnit unit);
// Throws OptionError for another name.
TextUnit text_unit_of(std::string_view name);

// Calls `visit` for each unit of a text, which is UTF-8. A last line that has no end counts without
// one.
void for_each_unit(std::string_view text, TextUnit unit,
                   const std::function<void(std::string_view)>& visit);

// The unit that stands between two lines.
std::string_view line_end_of(TextUnit unit);

// Writes units down as a text: words with blanks between, each line on a line of its own.
class TextJoiner {
 public:
  explicit TextJoiner(TextUnit unit) : unit_(unit) {}
  // What the next unit adds to the text.
  std::string add(std::string_view unit);

 private:
  TextUnit unit_;
  bool at_beginning_ = true;  // of a line
};

}  // namespace tapegrad::apps
