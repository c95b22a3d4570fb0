#pragma once

#include <tapegrad/apps/data/delimiter.h>
#include <tapegrad/apps/data/encoding.h>
#include <tapegrad/apps/data/record_reader.h>
#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/graph/dtype.h>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapegrad::apps {

// Where the rows of a table come from: a delimited text, JSON lines, or a database's query.
class RowSource {
 public:
  virtual ~RowSource() = default;

  // The names of the columns where the source itself knows them. Without them the first row may be
  // a header.
  virtual const std::vector<std::string>& names() const { return no_names; }

  // The usual number of fields a row, 0 for a source without rows.
  virtual Index column_count() const = 0;

  // Told once the number of fields of a row is known from a header.
  virtual void set_columns(Index /*columns*/) {}

  // The first rows that are well-formed, at most `count`, which next() will give all the same. Only
  // of sources without names.
  virtual std::vector<std::vector<std::string>> peek(std::size_t /*count*/) const { return {}; }

  // Reads the next row, whose fields last until the one after it. A fault leaves `row` worthless;
  // fault() says why and where. Throws DataError where nothing can be read on.
  virtual ReadState next(Record& row) = 0;
  virtual const RecordFault& fault() const = 0;

  // Reads on at the second line of a row over several lines that turned out to be malformed.
  virtual void reread_after_first_line() {}

  // How much is read, and how much there is, in any unit; `all` is 0 where that is not known.
  struct Progress {
    Index done = 0;
    Index all = 0;
  };
  virtual Progress progress() const { return {}; }

  // How many fields were found to be ISO-8859-1, and the line of the first of them.
  virtual Index converted() const { return 0; }
  virtual Index first_converted_line() const { return 0; }

 private:
  static const std::vector<std::string> no_names;
};

// How a source is read.
struct SourceOptions {
  std::optional<Delimiter> delimiter{};  // of texts; nothing: detect (table_shape.h)
  Encoding encoding = Encoding::detect;
  bool trusts_quotes = false;                        // of texts (RecordReader::trust_quotes)
  std::string query{};                               // of databases
  std::size_t max_unpacked = standard_max_unpacked;  // bytes of a gzip file
  ReadProgress progress{};                           // of what is done before the first row
};

// Opens a source by its location:
// - "sqlite:FILE" and "postgresql://..." (or "postgres://..."), whose rows are those of
//   options.query;
// - "-", standard input;
// - any other text is the path of a file, plain or gzip.
//
// A text whose first character other than blanks is an opening brace is JSON Lines. Throws
// DataError for what cannot be opened, and OptionError for a database without a query and for
// options that the source has no use for. A query for a file is left to the caller to refuse.
std::unique_ptr<RowSource> open_source(const std::string& location, const SourceOptions& options);

bool is_database(std::string_view location);

// Whether the location is a file that a path names: neither standard input nor a database.
bool is_file(std::string_view location);

// The path of the file that is read, which may be an SQLite database; empty where there is none.
std::string file_of(std::string_view location);

// The location as messages show it: without the password of a database.
std::string displayed(std::string_view location);
// The same of several, such as "a.csv and 3 more".
std::string displayed_all(std::span<const std::string> locations);

}  // namespace tapegrad::apps
