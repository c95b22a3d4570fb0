// Text from files and users as it may be shown: in messages, on terminals, in pictures.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tapegrad {

// The length of the UTF-8 character at `position`, 0 where there is none (the table of RFC 3629,
// section 4).
std::size_t utf8_length(std::string_view bytes, std::size_t position);

// `text` with what a terminal would obey, or a reader not see, written out: control characters (tab
// and line feed too), marks that turn the direction of writing, and separators of lines and
// paragraphs as \u001b or \u202e, so that JSON means the same; bytes that are no UTF-8 as \xff. All
// else stays as it is.
std::string printable(std::string_view text);

// The same, cut after `longest` bytes of text with "..." in the place of the rest.
std::string printable(std::string_view text, std::size_t longest);

}  // namespace tapegrad
