#pragma once

#include <tapegrad/apps/data/delimiter.h>
#include <tapegrad/apps/data/encoding.h>
#include <tapegrad/apps/data/text_scan.h>
#include <tapegrad/graph/dtype.h>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tapegrad::apps {

// One record of a delimited text; `line` is the 1-based line that it begins on, `lines` how many it
// has. The fields are parts of the text or of its reader, and go with the next record.
struct Record {
  Index line = 0;
  Index lines = 1;
  std::vector<std::string_view> fields;
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
// - every other delimiter, whose tables rarely quote: the quote is text if any line but the first
//   has that many fields, and where the number of columns is not known. So is a pair of quotes
//   around delimiters, if only then the line has that many fields.
// trust_quotes() takes all quoted fields as they are: for texts in prose, whose lines often have as
// many commas as a row.
//
// Fields are UTF-8 however the text is encoded. After a fault reading goes on at the line after the
// one that the record began on.
class RecordReader {
 public:
  // `text` must outlive the reader; `columns` is the number of fields of a row, 0 if it is not
  // known.
  RecordReader(std::string_view text, Delimiter delimiter, Index columns = 0)
      : text_(text), delimiter_(std::move(delimiter)), columns_(columns) {}

  void set_columns(Index columns) { columns_ = columns; }

  // Encoding::utf8 makes a fault of a record that is not valid.
  void set_encoding(Encoding encoding) { encoding_ = encoding; }

  void trust_quotes(bool trust) { trusts_quotes_ = trust; }

  // Reads the next record. On fault `fault()` says why and `record` is worthless.
  ReadState next(Record& record);

  // Goes back to the second line of the record that was read last: for one that turned out to be
  // malformed.
  void reread_after_first_line();

  const RecordFault& fault() const { return fault_; }

  // The part of the text that was read, in bytes.
  std::size_t position() const { return position_; }

  // How many fields were found to be ISO-8859-1, and the line of the first of them.
  Index converted() const { return converted_; }
  Index first_converted_line() const { return first_converted_line_; }

 private:
  enum class Quotes { over_lines, within_a_line, none };
  struct Place {
    std::size_t position = 0;
    Index line = 1;
  };

  auto finder(char character) const {
    return [this, character](std::size_t from) { return text_.find(character, from); };
  }
  void cut_without_quotes(Record& record);
  bool cut_with_quotes(Record& record);
  bool cut(Record& record, Quotes quotes);
  void cut_as_text(Record& record);
  bool read_field(std::string_view& field, Quotes quotes);
  bool read_quoted(std::string_view& field, Quotes quotes);
  std::string_view read_plain();
  bool convert(Record& record);
  std::string& kept_string();
  Index whole_rows(std::size_t begin, std::size_t end);
  bool holds_delimiter(std::string_view field) const;
  bool at_field_end(std::size_t position) const;
  std::size_t line_end(std::size_t from);
  void pass_blank_lines();
  bool take_delimiter();
  bool take_line_end();

  std::string_view text_;
  Delimiter delimiter_;
  Index columns_ = 0;
  Encoding encoding_ = Encoding::detect;
  bool trusts_quotes_ = false;
  std::size_t position_ = 0;
  Index line_ = 1;
  ForwardSearch line_feeds_, carriage_returns_, quotes_, not_ascii_;
  Place start_;                    // of the record
  bool hides_delimiters_ = false;  // a quoted field of the record holds a delimiter or a line's end
  std::deque<std::string> kept_;   // fields of the record that are not parts of the text
  std::size_t kept_count_ = 0;
  Index converted_ = 0;
  Index first_converted_line_ = 0;
  RecordFault fault_;
};

}  // namespace tapegrad::apps
