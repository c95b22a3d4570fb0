#pragma once

#include <tapegrad/apps/data/row_source.h>
#include <memory>
#include <string>
#include <vector>

struct pg_conn;
struct pg_result;

namespace tapegrad::apps {

// The rows that a query finds in a PostgreSQL database. They come one by one, in a transaction that
// reads only, so that a large result takes no memory here and no query changes anything.
class PostgresSource final : public RowSource {
 public:
  // `address` is a connection URI of libpq, "postgresql://user@host:port/database". Throws
  // DataError where there is no connection within 10 seconds, and for a query that the server
  // refuses or that gives no columns.
  PostgresSource(const std::string& address, const std::string& query);
  ~PostgresSource() override;

  const std::vector<std::string>& names() const override { return names_; }
  Index column_count() const override { return static_cast<Index>(names_.size()); }
  ReadState next(Record& row) override;
  const RecordFault& fault() const override { return fault_; }
  Progress progress() const override { return {row_, 0}; }

 private:
  struct Release {
    void operator()(pg_conn* connection) const;
    void operator()(pg_result* result) const;
  };

  [[noreturn]] void refuse(const char* what, const std::string& reason) const;
  void run(const char* command);
  void take_result();

  std::string shown_;  // the address without its password
  std::unique_ptr<pg_conn, Release> connection_;
  std::unique_ptr<pg_result, Release> result_;  // of one row, or the empty one at the end
  bool is_fresh_ = false;                       // result_ was not given yet
  std::vector<std::string> names_;
  Index row_ = 0;
  RecordFault fault_;
};

}  // namespace tapegrad::apps
