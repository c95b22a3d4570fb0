#pragma once

#include <tapegrad/apps/data/columns.h>
#include <tapegrad/apps/data/record_reader.h>
#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/graph/dtype.h>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapegrad::apps {

// How to read a table; columns are chosen as ColumnRule says (a header name, a 1-based number or "none").
struct TableOptions {
  char delimiter = '\0';                             // '\0': detect tab, comma, semicolon, '|' or space
  std::optional<bool> header{};                      // nothing: detect
  std::string user_column{};                         // default: user, user_id, CustomerID, ... or column 1
  std::string item_column{};                         // default: item, item_id, movieId, product_id, ... or column 2 (items: 1)
  std::string rating_column{};                       // default: rating, score, ... or column 3
  std::string time_column{};                         // default: timestamp, time, ... or column 4
  std::string title_column{};                        // item tables only; default: title, name, description, ... or column 2
  bool skip_bad_lines = false;                       // count malformed lines instead of throwing
  std::size_t max_unpacked = standard_max_unpacked;  // bytes of a gzip file
};

// What reading a table came to.
struct ReadReport {
  Index rows = 0;            // rows that were taken
  Index skipped = 0;         // malformed lines that were left out (skip_bad_lines)
  std::string first_reason;  // the error that the first of them would have been
};

// Reads a delimited file, plain or gzip, row by row; the whole text is held in memory.
//
// A header is assumed when a column is chosen by name, or when no field of the first record is a number or a time and
// either each required rule finds a known name there or some field of the second record is a number or a time. A malformed row
// is a DataError `path:line:column: expected ..., got ...` (line of the row's beginning, number of the field), or with
// skip_bad_lines is counted and passed over.
class TableReader {
 public:
  // Opens the file and finds the columns of `rules`. Throws DataError as read_text_file and resolve_columns do, and for
  // a file without records.
  TableReader(std::string path, const TableOptions& options, std::span<const ColumnRule> rules);

  // The record reader looks into this object's own text.
  TableReader(const TableReader&) = delete;
  TableReader& operator=(const TableReader&) = delete;

  // The column names, empty without a header.
  const std::vector<std::string>& header() const { return header_; }

  // The 0-based column of a rule, -1 where an optional one is absent.
  Index column(std::size_t rule) const { return columns_[rule]; }

  // Goes to the next row with the right number of fields; false at the end.
  bool next();

  // A field of the current row; `column` is 0-based.
  const std::string& field(Index column) const { return record_.fields[static_cast<std::size_t>(column)]; }
  const std::vector<std::string>& fields() const { return record_.fields; }

  // Refuses the current row for its field in `column`: throws, or counts it where bad lines are skipped.
  void reject(Index column, const std::string& reason);

  // Rows counted by `next` less those rejected, and what was skipped.
  ReadReport report() const;

 private:
  bool detect_header(std::span<const ColumnRule> rules) const;
  void read_header();
  void refuse(Index line, Index column, const std::string& reason);

  std::string path_;
  std::string text_;
  TableOptions options_;
  Index column_count_ = 0;
  RecordReader reader_;
  Record record_;
  std::vector<std::string> header_;
  std::vector<Index> columns_;
  Index delivered_ = 0;
  Index rejected_ = 0;
  ReadReport report_;
};

}  // namespace tapegrad::apps
