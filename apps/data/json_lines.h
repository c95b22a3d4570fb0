#pragma once

#include <tapegrad/apps/data/row_source.h>
#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

namespace tapegrad::apps {

// JSON Lines: an object a line, whose members are the fields of a row.
//
// The columns are the members of the first 1,000 lines, in the order that they come in; those of
// nested objects have names with dots, such as "user.id". A member that an object lacks, and null,
// is an empty field. Numbers stand as they do in the text, true and false as 1 and 0; the plain
// values of an array are joined by '|', whatever else it holds is left out. A line that is no
// object, or is nested deeper than 32, is a fault.
class JsonLines final : public RowSource {
 public:
  // The text must be UTF-8: JSON knows nothing else.
  explicit JsonLines(std::string text);

  const std::vector<std::string>& names() const override { return names_; }
  Index column_count() const override { return static_cast<Index>(names_.size()); }
  ReadState next(Record& row) override;
  const RecordFault& fault() const override { return fault_; }
  Progress progress() const override;

 private:
  void find_names();
  std::string_view next_line();

  std::string text_;
  std::size_t position_ = 0;
  Index line_ = 0;
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::size_t> columns_;
  std::vector<std::string> values_;
  RecordFault fault_;
};

}  // namespace tapegrad::apps
