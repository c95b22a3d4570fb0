#pragma once

#include <tapegrad/graph/dtype.h>
#include <string>
#include <string_view>
#include <vector>

namespace tapegrad::apps {

// One record of a delimited text; `line` is the 1-based line that it begins on, `lines` how many it
// has.
struct Record {
  Index line = 0;
  Index lines = 1;
  std::vector<std::string> fields;
};

// Why a record is malformed; `column` is the 1-based number of the field.
struct RecordFault {
  Index line = 0;
  Index column = 0;
  std::string reason;
};

enum class ReadState { record, fault, end };

// Cuts delimited text into records and fields (RFC 4180 with any delimiter), keeping line and
// column for errors.
//
// Lines end in LF, CRLF or CR; lines without anything but blanks are passed over. A field is quoted
// if it begins with a double quote and the delimiter or the line's end follows the closing one; ""
// inside stands for one quote, and delimiters and line ends inside belong to the field. Every other
// quote is an ordinary character, with one exception: where the delimiter is a comma or a
// semicolon, a field that begins with a quote and is not quoted is a fault.
//
// A stray quote must not swallow the rows behind it. A quoted field over several lines is therefore
// taken only if these lines cannot be rows by themselves, which the number of `columns` tells:
// - comma or semicolon: it is a fault if each of its lines has that many fields;
// - tab, '|' or space, whose tables rarely quote: the quote is text if any line but the first has
//   that many fields, and where the
//   number of columns is not known. So is a pair of quotes around delimiters, if only then the line
//   has that many fields.
//
// A field that is not valid UTF-8 is taken for ISO-8859-1 and converted. After a fault reading goes
// on at the line after the one that the record began on.
class RecordReader {
 public:
  // `text` must outlive the reader; `columns` is the number of fields of a row, 0 if it is not
  // known.
  RecordReader(std::string_view text, char delimiter, Index columns = 0)
      : text_(text), delimiter_(delimiter), columns_(columns) {}

  void set_columns(Index columns) { columns_ = columns; }

  // Reads the next record; its strings are reused. On fault `fault()` says why and `record` is
  // worthless.
  ReadState next(Record& record);

  // Goes back to the second line of the record that was read last: for one that turned out to be
  // malformed.
  void reread_after_first_line();

  const RecordFault& fault() const { return fault_; }

  // The part of the text that was read, in bytes.
  std::size_t position() const { return position_; }

 private:
  enum class Quotes { over_lines, within_a_line, none };
  struct Place {
    std::size_t position = 0;
    Index line = 1;
  };

  bool cut(Record& record, Quotes quotes);
  void cut_as_text(Record& record);
  bool read_field(std::string& field, Quotes quotes);
  bool read_quoted(std::string& field, Quotes quotes);
  void read_plain(std::string& field);
  bool quotes_are_rare() const {
    return delimiter_ == '\t' || delimiter_ == '|' || delimiter_ == ' ';
  }
  Index whole_rows(std::size_t begin, std::size_t end) const;
  bool at_field_end(std::size_t position) const;
  void pass_blank_lines();
  bool take_delimiter();
  bool take_line_end();

  std::string_view text_;
  char delimiter_;
  Index columns_ = 0;
  std::size_t position_ = 0;
  Index line_ = 1;
  Place start_;                    // of the record
  bool hides_delimiters_ = false;  // a quoted field of the record holds a delimiter or a line's end
  RecordFault fault_;
};

}  // namespace tapegrad::apps
