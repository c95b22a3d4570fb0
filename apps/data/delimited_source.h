#pragma once

#include <tapegrad/apps/data/row_source.h>
#include <tapegrad/apps/data/table_shape.h>
#include <string>
#include <vector>

namespace tapegrad::apps {

// The rows of a delimited text, which is held as a whole; see RecordReader for the format.
class DelimitedSource final : public RowSource {
 public:
  DelimitedSource(std::string text, const SourceOptions& options);

  // The record reader looks into this object's own text.
  DelimitedSource(const DelimitedSource&) = delete;
  DelimitedSource& operator=(const DelimitedSource&) = delete;

  Index column_count() const override { return shape_.columns; }
  void set_columns(Index columns) override { reader_.set_columns(columns); }
  std::vector<std::vector<std::string>> peek(std::size_t count) const override;
  ReadState next(Record& row) override { return reader_.next(row); }
  const RecordFault& fault() const override { return reader_.fault(); }
  void reread_after_first_line() override { reader_.reread_after_first_line(); }
  Progress progress() const override;
  Index converted() const override { return reader_.converted(); }
  Index first_converted_line() const override { return reader_.first_converted_line(); }

 private:
  std::string text_;
  bool trusts_quotes_;
  TableShape shape_;
  RecordReader reader_;
};

}  // namespace tapegrad::apps
