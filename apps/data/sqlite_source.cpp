#include <tapegrad/apps/data/sqlite_source.h>

#include <fmt/format.h>
#include <sqlite3.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {

void SqliteSource::Close::operator()(sqlite3* database) const { sqlite3_close(database); }
void SqliteSource::Close::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

SqliteSource::SqliteSource(const std::string& path, const std::string& query) : path_(path) {
  sqlite3* database = nullptr;
  const int opened = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY, nullptr);
  database_.reset(database);
  if (opened != SQLITE_OK) refuse("cannot open the database");
  constexpr int patience = 5000;  // milliseconds that another program may keep the database locked
  sqlite3_busy_timeout(database, patience);
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  const int prepared = sqlite3_prepare_v2(database, query.c_str(),
                                          static_cast<int>(query.size()) + 1, &statement, &rest);
  statement_.reset(statement);
  if (prepared != SQLITE_OK) refuse("cannot run the query");
  const std::string_view left = rest == nullptr ? std::string_view() : rest;
  if (statement == nullptr || left.find_first_not_of(" \t\r\n;") != std::string_view::npos)
    throw DataError(fmt::format("sqlite:{}: expected one query, got {}", path, in_quotes(query)));
  const int columns = sqlite3_column_count(statement);
  if (columns == 0 || sqlite3_stmt_readonly(statement) == 0)
    throw DataError(
        fmt::format("sqlite:{}: expected a query that gives rows, got {}", path, in_quotes(query)));
  for (int i = 0; i < columns; ++i) names_.emplace_back(sqlite3_column_name(statement, i));
}

SqliteSource::~SqliteSource() = default;

void SqliteSource::refuse(const char* what) const {
  const char* reason = database_ ? sqlite3_errmsg(database_.get()) : "there is not enough memory";
  throw DataError(fmt::format("sqlite:{}: {}: {}", path_, what, reason));
}

ReadState SqliteSource::next(Record& row) {
  const int state = sqlite3_step(statement_.get());
  if (state == SQLITE_DONE) return ReadState::end;
  if (state != SQLITE_ROW) refuse("cannot read the rows");
  row.line = ++row_;
  row.lines = 1;
  row.fields.clear();
  for (int i = 0; i < static_cast<int>(names_.size()); ++i) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), i));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), i));
    row.fields.emplace_back(text == nullptr ? std::string_view() : std::string_view(text, size));
    if (is_valid_utf8(row.fields.back()) && row.fields.back().find('\0') == std::string_view::npos)
      continue;
    fault_ = {row_, i + 1, "expected text in UTF-8, got other bytes"};
    return ReadState::fault;
  }
  return ReadState::record;
}

}  // namespace tapegrad::apps
