#include <tapegrad/apps/data/postgres_source.h>

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <libpq-fe.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

// A message in one line, with one blank where there were many.
std::string in_one_line(std::string message) {
  std::ranges::replace(message, '\n', ' ');
  std::vector<std::string_view> words;
  Delimiter::blanks().split(message, words);
  return fmt::format("{}", fmt::join(words, " "));
}

// What the server says of a query that failed: without the place in the query, which takes lines of
// its own.
std::string error_of(const pg_result* result, const pg_conn* connection) {
  const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return primary != nullptr ? primary : PQerrorMessage(connection);
}

}  // namespace

void PostgresSource::Release::operator()(pg_conn* connection) const { PQfinish(connection); }
void PostgresSource::Release::operator()(pg_result* result) const { PQclear(result); }

PostgresSource::PostgresSource(const std::string& address, const std::string& query)
    : shown_(displayed(address)) {
  const char* const keys[] = {"dbname", "client_encoding", "connect_timeout", "application_name",
                              nullptr};
  const char* const values[] = {address.c_str(), "UTF8", "10", "tapegrad", nullptr};
  connection_.reset(PQconnectdbParams(keys, values, 1));
  if (PQstatus(connection_.get()) != CONNECTION_OK)
    refuse("cannot connect", PQerrorMessage(connection_.get()));
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
  run("BEGIN TRANSACTION READ ONLY");
  if (PQsendQueryParams(connection_.get(), query.c_str(), 0, nullptr, nullptr, nullptr, nullptr,
                        0) == 0 ||
      PQsetSingleRowMode(connection_.get()) == 0)
    refuse("cannot run the query", PQerrorMessage(connection_.get()));
  take_result();
  const int columns = PQnfields(result_.get());
  if (columns == 0)
    throw DataError(
        fmt::format("{}: expected a query that gives rows, got {}", shown_, in_quotes(query)));
  for (int i = 0; i < columns; ++i) names_.emplace_back(PQfname(result_.get(), i));
}

PostgresSource::~PostgresSource() = default;

void PostgresSource::refuse(const char* what, const std::string& reason) const {
  throw DataError(fmt::format("{}: {}: {}", shown_, what, in_one_line(reason)));
}

void PostgresSource::run(const char* command) {
  result_.reset(PQexec(connection_.get(), command));
  if (PQresultStatus(result_.get()) != PGRES_COMMAND_OK)
    refuse("cannot begin to read", PQerrorMessage(connection_.get()));
}

// The next row into `result_`, or at the end the result that has none.
void PostgresSource::take_result() {
  result_.reset(PQgetResult(connection_.get()));
  const ExecStatusType status = PQresultStatus(result_.get());
  const bool is_fine =
      status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
  if (!is_fine)
    refuse(names_.empty() ? "cannot run the query" : "cannot read the rows",
           error_of(result_.get(), connection_.get()));
  is_fresh_ = true;
}

ReadState PostgresSource::next(Record& row) {
  if (!is_fresh_) take_result();
  if (PQresultStatus(result_.get()) != PGRES_SINGLE_TUPLE) return ReadState::end;
  is_fresh_ = false;
  row.line = ++row_;
  row.lines = 1;
  row.fields.clear();
  for (int i = 0; i < static_cast<int>(names_.size()); ++i) {
    const auto size = static_cast<std::size_t>(PQgetlength(result_.get(), 0, i));
    row.fields.emplace_back(PQgetvalue(result_.get(), 0, i), size);
  }
  return ReadState::record;
}

}  // namespace tapegrad::apps
