#pragma once

#include <tapegrad/apps/data/amounts.h>
#include <tapegrad/apps/data/column_choices.h>
#include <tapegrad/apps/data/columns.h>
#include <tapegrad/apps/data/delimiter.h>
#include <tapegrad/apps/data/event_weights.h>
#include <tapegrad/apps/data/row_source.h>
#include <tapegrad/apps/data/time_format.h>
#include <tapegrad/graph/dtype.h>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapegrad::apps {

// How to read a table.
struct TableOptions {
  SourceOptions source{};        // where the rows come from
  std::optional<bool> header{};  // nothing: detect
  // The names of the columns where the table has no header, as another part of it has them. With
  // them only a first row that repeats them, or names every required column, is a header.
  std::vector<std::string> names{};
  // Roles that are not chosen are found by known names (known_names.h) or, in a table without a
  // header, by position.
  ColumnChoices columns{};
  bool skip_bad_lines = false;  // count malformed lines instead of throwing
  // Ids of items that are no products, such as postage: their rows are left out.
  std::set<std::string, std::less<>> excluded_items{};

  // A row with a lower rating is no like. Only with it are ratings needed, and must be numbers.
  std::optional<double> min_rating{};
  // How much the types of events count. Only with it is a column of types needed.
  std::optional<EventWeights> event_weights{};
  // Whether the column of labels is needed: what is to be predicted of the owners of events.
  bool reads_labels = false;
  TimeFormat time_format{};
  DecimalSign decimal_sign = DecimalSign::detect;  // of prices, quantities and ratings

  // Whether errors may name the options of a command: --columns and --skip-bad-lines.
  bool names_options = false;
  // The same for --header and --delimiter.
  bool names_shape_options = false;
};

// The rule for a role of `options.columns`.
ColumnRule column_rule(const TableOptions& options, std::string_view role,
                       std::span<const std::string_view> known_names, Index position,
                       bool required);

// What reading a table came to.
struct ReadReport {
  Index rows = 0;            // rows that were taken
  Index left_out = 0;        // rows without a user (or session)
  Index excluded = 0;        // rows of items that options.excluded_items names
  Index skipped = 0;         // malformed lines that were left out (skip_bad_lines)
  std::string first_reason;  // the error that the first of them would have been
  // What was found where, such as `user "userId", item "movieId"` or `user column 1`.
  std::string columns;
  // Fields that were not valid UTF-8 and were taken for ISO-8859-1, and the line of the first.
  Index latin1_fields = 0;
  Index first_latin1_line = 0;
  // Where the first line may be taken for what it is not: what it was taken for, and the option
  // that says otherwise.
  std::string first_line;
};

// Reads a table row by row from any source (row_source.h).
//
// A source without names of its own may have a header. One is assumed when a column is chosen by
// name, when each required rule finds a known name in the first record, or when no field of the
// first record is a number or a time but some field of the second is. A malformed row is a
// DataError `path:line:column: expected ..., got ...` (line of the row's beginning, number of the
// field), or with skip_bad_lines is counted and passed over.
class TableReader {
 public:
  // Opens the source and finds the columns of `rules`. Throws DataError as open_source and
  // resolve_columns do, and for a source without rows.
  TableReader(const std::string& location, const TableOptions& options,
              std::span<const ColumnRule> rules);

  // The column names, empty without a header.
  const std::vector<std::string>& header() const { return header_; }

  // The 0-based column of a rule, -1 where an optional one is absent.
  Index column(std::size_t rule) const { return columns_[rule]; }
  bool has(std::size_t rule) const { return columns_[rule] >= 0; }

  // Goes to the next row with the right number of fields; false at the end.
  bool next();
  // The lines of the current row: more than one where a quoted field runs over a line's end.
  Index lines() const { return record_.lines; }

  // A field of the current row, which goes with the next row; `column` is 0-based.
  std::string_view field(Index column) const {
    return record_.fields[static_cast<std::size_t>(column)];
  }
  std::span<const std::string_view> fields() const { return record_.fields; }

  // Refuses the current row for its field in `column`: throws, or counts it where bad lines are
  // skipped. Of a row over several lines only the first is refused, for a stray quote may have made
  // the others part of it.
  void reject(Index column, const std::string& reason);

  // Leaves the current row out, which is well-formed and nobody's.
  void leave_out() { ++left_out_; }

  // Leaves the current row out if its item is excluded.
  bool excludes(std::string_view item);

  // Rows counted by `next` less those rejected, what was skipped, and what was found.
  ReadReport report() const;

 private:
  enum class Header { absent, assumed, sure };
  Header detect_header(std::span<const ColumnRule> rules) const;
  void take_names();
  void read_header();
  void describe(std::span<const ColumnRule> rules);
  void compare_with_first();
  void tell();
  void refuse_record(Index column, const std::string& reason);
  void refuse(Index line, Index column, const std::string& reason);

  std::string path_;  // as messages show it
  TableOptions options_;
  std::unique_ptr<RowSource> source_;
  Index column_count_ = 0;
  Record record_;
  std::vector<std::string> header_;
  std::vector<Index> columns_;
  bool may_be_header_ = false;
  std::vector<Index> required_;  // columns
  // The first row's words in the required columns, if it may be a header that was taken for a row.
  std::vector<std::string> first_words_;
  Index delivered_ = 0;
  Index rejected_ = 0;
  Index left_out_ = 0;
  Index excluded_ = 0;
  ReadReport report_;
};

// Reads the sources of one table one after another, and calls `row` at each row.
//
// A source without a header takes the names of one that has a header. Throws DataError as
// TableReader does, and where a role has a column in one source and none in another.
ReadReport read_table(std::span<const std::string> locations, const TableOptions& options,
                      std::span<const ColumnRule> rules,
                      const std::function<void(TableReader&)>& row);

}  // namespace tapegrad::apps
