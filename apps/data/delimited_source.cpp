#include <tapegrad/apps/data/delimited_source.h>

#include <utility>

namespace tapegrad::apps {

DelimitedSource::DelimitedSource(std::string text, const SourceOptions& options)
    : text_(std::move(text)),
      trusts_quotes_(options.trusts_quotes),
      shape_(detect_shape(text_, options.delimiter)),
      reader_(text_, shape_.delimiter, shape_.columns) {
  reader_.set_encoding(options.encoding);
  reader_.trust_quotes(options.trusts_quotes);
}

std::vector<std::vector<std::string>> DelimitedSource::peek(std::size_t count) const {
  RecordReader reader(text_, shape_.delimiter, shape_.columns);
  reader.trust_quotes(trusts_quotes_);
  Record record;
  std::vector<std::vector<std::string>> rows;
  while (rows.size() < count) {
    const ReadState state = reader.next(record);
    if (state == ReadState::end) break;
    if (state == ReadState::record) rows.emplace_back(record.fields.begin(), record.fields.end());
  }
  return rows;
}

RowSource::Progress DelimitedSource::progress() const {
  return {static_cast<Index>(reader_.position()), static_cast<Index>(text_.size())};
}

}  // namespace tapegrad::apps
