#pragma once

#include <tapegrad/apps/data/row_source.h>
#include <memory>
#include <string>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace tapegrad::apps {

// The rows that a query finds in an SQLite database, which is opened for reading only.
class SqliteSource final : public RowSource {
 public:
  // Throws DataError for a file that is no database, and for a query that SQLite refuses, changes
  // anything, or gives no columns.
  SqliteSource(const std::string& path, const std::string& query);
  ~SqliteSource() override;

  const std::vector<std::string>& names() const override { return names_; }
  Index column_count() const override { return static_cast<Index>(names_.size()); }
  ReadState next(Record& row) override;
  const RecordFault& fault() const override { return fault_; }
  Progress progress() const override { return {row_, 0}; }

 private:
  [[noreturn]] void refuse(const char* what) const;

  struct Close {
    void operator()(sqlite3* database) const;
    void operator()(sqlite3_stmt* statement) const;
  };

  std::string path_;
  std::unique_ptr<sqlite3, Close> database_;
  std::unique_ptr<sqlite3_stmt, Close> statement_;
  std::vector<std::string> names_;
  Index row_ = 0;
  RecordFault fault_;
};

}  // namespace tapegrad::apps
