#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace tapegrad::apps {

// Data that cannot be read or used; what() is one line that says what was expected, what came, and
// where.
class DataError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// An option or argument out of its range; what() is one line that says what was expected and what
// came.
class OptionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// `text` in double quotes for an error message: printable(), more than 60 bytes are cut with "...".
std::string in_quotes(std::string_view text);

}  // namespace tapegrad::apps
