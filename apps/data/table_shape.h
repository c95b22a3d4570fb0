#pragma once

#include <tapegrad/apps/data/delimiter.h>
#include <tapegrad/graph/dtype.h>
#include <optional>
#include <string_view>

namespace tapegrad::apps {

// How a delimited text is laid out: its delimiter and the usual number of fields a record.
struct TableShape {
  Delimiter delimiter = ',';
  Index columns = 0;
};

// The shape of `text`, judged by its first 64 records.
//
// Without a `delimiter` it is found: of tab, comma, semicolon, '|', "::" and space the one wins
// that gives the most records the same number (two or more) of fields, at equal support the one
// with more fields, then the order above. Runs of blanks win where none of these does, and over a
// single space if they give more records the same number. The number of columns is the most
// frequent one, at a tie the one that came first. A text without records has no columns.
TableShape detect_shape(std::string_view text, const std::optional<Delimiter>& delimiter);

}  // namespace tapegrad::apps
