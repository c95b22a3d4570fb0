#pragma once

#include <tapegrad/graph/dtype.h>
#include <string>
#include <string_view>
#include <vector>

namespace tapegrad::apps {

// One record of a delimited text; `line` is the 1-based line that it begins on.
struct Record {
  Index line = 0;
  std::vector<std::string> fields;
};

// Why a record is malformed; `column` is the 1-based number of the field.
struct RecordFault {
  Index line = 0;
  Index column = 0;
  std::string reason;
};

enum class ReadState { record, fault, end };

// Cuts delimited text into records and fields (RFC 4180 with any delimiter), keeping line and column for errors.
//
// Lines end in LF, CRLF or CR; empty lines are passed over. A field that begins with a double quote runs to its
// closing quote, "" inside stands for one quote, and delimiters and line ends inside belong to the field. Text after
// the closing quote is a fault, except where the delimiter is a tab or '|': such tables rarely quote, so the field is
// then taken as it stands ("Great Performances" Cats). A quote inside an unquoted field is an ordinary character.
// A field that is not valid UTF-8 is taken for ISO-8859-1 and converted. After a fault reading goes on at the line
// after the one that the record began on.
class RecordReader {
 public:
  // `text` must outlive the reader.
  RecordReader(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {}

  // Reads the next record; its strings are reused. On fault `fault()` says why and `record` is worthless.
  ReadState next(Record& record);

  const RecordFault& fault() const { return fault_; }

 private:
  bool read_field(std::string& field);
  bool read_quoted(std::string& field);
  void read_plain(std::string& field);
  bool at_field_end(std::size_t position) const;
  bool take_delimiter();
  bool take_line_end();

  std::string_view text_;
  char delimiter_;
  std::size_t position_ = 0;
  Index line_ = 1;
  RecordFault fault_;
};

}  // namespace tapegrad::apps
