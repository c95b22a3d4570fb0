#include <tapegrad/apps/tables/table_encoder.h>

#include <algorithm>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/file_parts.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {
namespace {

const std::vector<std::string>& column_of(const Records& records, const std::string& name) {
  const Index column = records.find(name);
  if (column < 0) throw DataError(fmt::format("the table has no column {}", in_quotes(name)));
  return records.columns[static_cast<std::size_t>(column)];
}

FieldKind kind_of(const std::vector<std::string>& fields, std::span<const Index> some) {
  return decimal_sign_of(fields, some) ? FieldKind::number : FieldKind::category;
}

}  // namespace

TableEncoder::TableEncoder(const Records& records, std::span<const Index> some,
                           const TableEncoderOptions& options) {
  for (const std::string& name : options.columns) {
    const std::vector<std::string>& fields = column_of(records, name);
    const auto given = options.kinds.find(name);
    const FieldKind kind = given != options.kinds.end() ? given->second : kind_of(fields, some);
    FieldEncoder encoder(name, kind, fields, some, options.fields);
    if (encoder.is_constant()) {
      notes_.push_back(
          fmt::format("column {} is the same everywhere and is left out", in_quotes(name)));
      continue;
    }
    if (kind == FieldKind::category && encoder.width() == 1) {
      notes_.push_back(
          fmt::format("column {} is different nearly everywhere and is left out", in_quotes(name)));
      continue;
    }
    fields_.push_back(std::move(encoder));
  }
  if (fields_.empty()) throw DataError("expected a column that tells the rows apart, got none");
}

Index TableEncoder::width() const {
  Index width = 0;
  for (const FieldEncoder& field : fields_) width += field.width();
  return width;
}

TableInputs TableEncoder::shape() const {
  TableInputs inputs;
  inputs.fields = static_cast<Index>(fields_.size());
  inputs.width = width();
  return inputs;
}

TableInputs TableEncoder::encode(const Records& records) const {
  std::vector<const std::vector<std::string>*> columns;
  for (const FieldEncoder& field : fields_) columns.push_back(&column_of(records, field.name()));
  TableInputs inputs = shape();
  for (Index row = 0; row < records.count(); ++row) {
    Index first = 0;
    for (std::size_t f = 0; f < fields_.size(); ++f) {
      fields_[f].encode((*columns[f])[static_cast<std::size_t>(row)], first, inputs.entries);
      inputs.offsets.push_back(static_cast<Index>(inputs.entries.size()));
      first += fields_[f].width();
    }
  }
  return inputs;
}

void TableEncoder::put(nn::WeightFile& file) const {
  for (std::size_t f = 0; f < fields_.size(); ++f)
    fields_[f].put(file, fmt::format("field.{}.", f));
  const std::vector<std::int64_t> count = {static_cast<std::int64_t>(fields_.size())};
  put_list<std::int64_t>(file, "fields", count);
}

TableEncoder TableEncoder::get(const nn::WeightFile& file) {
  TableEncoder encoder;
  const auto count = get_list<std::int64_t>(file, "fields");
  if (count.size() != 1 || count[0] < 1 || count[0] > 100000)
    throw Error("its fields must be a number from 1 to 100000");
  for (std::int64_t f = 0; f < count[0]; ++f)
    encoder.fields_.push_back(FieldEncoder::get(file, fmt::format("field.{}.", f)));
  return encoder;
}

SparseExamples rows_of(const TableInputs& inputs) {
  SparseExamples rows;
  rows.width = inputs.width;
  for (Index i = 0; i < inputs.count(); ++i) {
    const auto first = static_cast<std::size_t>(
                   inputs.offsets[static_cast<std::size_t>(i * inputs.fields)]),
               last = static_cast<std::size_t>(
                   inputs.offsets[static_cast<std::size_t>((i + 1) * inputs.fields)]);
    rows.add(std::span(inputs.entries).subspan(first, last - first));
  }
  return rows;
}

}  // namespace tapegrad::apps
