#include <fmt/core.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/data/table.h>
#include <tapegrad/apps/data/table_shape.h>
#include <tapegrad/apps/data/text_file.h>
#include <algorithm>
#include <utility>

namespace tapegrad::apps {
namespace {

// Detection peeks with a reader of its own; malformed records are left to the real one.
bool next_good(RecordReader& reader, Record& record) {
  ReadState state = reader.next(record);
  while (state == ReadState::fault) state = reader.next(record);
  return state == ReadState::record;
}

bool has_number(const Record& record) {
  return std::any_of(record.fields.begin(), record.fields.end(),
                     [](const std::string& field) { return parse_time(field).has_value(); });
}

bool names_all_required(const Record& record, std::span<const ColumnRule> rules) {
  return std::all_of(rules.begin(), rules.end(), [&](const ColumnRule& rule) {
    return !rule.required || std::any_of(record.fields.begin(), record.fields.end(),
                                         [&](const std::string& field) { return is_known_name(rule, field); });
  });
}

}  // namespace

TableReader::TableReader(std::string path, const TableOptions& options, std::span<const ColumnRule> rules)
    : path_(std::move(path)), text_(read_text_file(path_, options.max_unpacked)), options_(options), reader_(text_, ',') {
  const TableShape shape = detect_shape(text_, options.delimiter);
  options_.delimiter = shape.delimiter;
  column_count_ = shape.columns;
  reader_ = RecordReader(text_, shape.delimiter);
  if (options.header.value_or(detect_header(rules))) read_header();
  if (column_count_ == 0) {
    // Either nothing at all, or malformed records only: then the first of them says why.
    while (next()) {
    }
    throw DataError(report_.skipped == 0 ? fmt::format("{}: expected rows, got an empty file", path_) : report_.first_reason);
  }
  columns_ = resolve_columns(rules, header_, column_count_, path_);
}

bool TableReader::detect_header(std::span<const ColumnRule> rules) const {
  if (std::any_of(rules.begin(), rules.end(), needs_header)) return true;
  RecordReader reader(text_, options_.delimiter);
  Record first;
  if (!next_good(reader, first) || has_number(first)) return false;
  if (names_all_required(first, rules)) return true;
  Record second;
  return next_good(reader, second) && has_number(second);
}

void TableReader::read_header() {
  ReadState state = reader_.next(record_);
  while (state == ReadState::fault) {
    refuse(reader_.fault().line, reader_.fault().column, reader_.fault().reason);
    state = reader_.next(record_);
  }
  if (state == ReadState::end) return;
  header_ = record_.fields;
  column_count_ = static_cast<Index>(header_.size());
}

bool TableReader::next() {
  while (true) {
    const ReadState state = reader_.next(record_);
    if (state == ReadState::end) return false;
    if (state == ReadState::fault) {
      refuse(reader_.fault().line, reader_.fault().column, reader_.fault().reason);
      continue;
    }
    const auto count = static_cast<Index>(record_.fields.size());
    if (count == column_count_) break;
    refuse(record_.line, std::min(count, column_count_) + 1, fmt::format("expected {} fields, got {}", column_count_, count));
  }
  ++delivered_;
  return true;
}

void TableReader::reject(Index column, const std::string& reason) {
  refuse(record_.line, column + 1, reason);
  ++rejected_;
}

void TableReader::refuse(Index line, Index column, const std::string& reason) {
  const std::string message = fmt::format("{}:{}:{}: {}", path_, line, column, reason);
  if (!options_.skip_bad_lines) throw DataError(message);
  if (report_.skipped == 0) report_.first_reason = message;
  ++report_.skipped;
}

ReadReport TableReader::report() const {
  ReadReport report = report_;
  report.rows = delivered_ - rejected_;
  return report;
}

}  // namespace tapegrad::apps
