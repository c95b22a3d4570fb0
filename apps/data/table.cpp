#include <fmt/core.h>
#include <fmt/ranges.h>

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
                     [](std::string_view field) { return parse_time(field).has_value(); });
}

bool names_all_required(const Record& record, std::span<const ColumnRule> rules) {
  return std::all_of(rules.begin(), rules.end(), [&](const ColumnRule& rule) {
    return !rule.required ||
           std::any_of(record.fields.begin(), record.fields.end(),
                       [&](std::string_view field) { return is_known_name(rule, field); });
  });
}

}  // namespace

ColumnRule column_rule(const TableOptions& options, std::string_view role,
                       std::span<const std::string_view> known_names, Index position,
                       bool required) {
  return {role, options.columns.of(role), known_names, position, required, options.names_options};
}

TableReader::TableReader(std::string path, const TableOptions& options,
                         std::span<const ColumnRule> rules)
    : path_(std::move(path)),
      text_(read_text_file(path_, options.max_unpacked, options.progress)),
      options_(options),
      reader_(text_, ',') {
  const TableShape shape = detect_shape(text_, options.delimiter);
  options_.delimiter = shape.delimiter;
  column_count_ = shape.columns;
  reader_ = RecordReader(text_, shape.delimiter, column_count_);
  reader_.set_encoding(options_.encoding);
  const Header header = detect_header(rules);
  if (options.header.value_or(header != Header::absent)) read_header();
  if (column_count_ == 0) {
    // Either nothing at all, or malformed records only: then the first of them says why.
    while (next()) {
    }
    throw DataError(report_.skipped == 0
                        ? fmt::format("{}: expected rows, got an empty file", path_)
                        : report_.first_reason);
  }
  try {
    columns_ = resolve_columns(rules, header_, column_count_, path_);
  } catch (const DataError& error) {
    if (column_count_ > 1 || !options.names_shape_options) throw;
    throw DataError(fmt::format("{}; --delimiter says what lies between fields", error.what()));
  }
  describe(rules);
  if (options.header || !options.names_shape_options) return;
  if (header == Header::assumed)
    report_.first_line =
        "the first line was taken for column names, since it has no number and the next line has";
  may_be_header_ = header == Header::absent;
}

TableReader::Header TableReader::detect_header(std::span<const ColumnRule> rules) const {
  if (std::any_of(rules.begin(), rules.end(), needs_header)) return Header::sure;
  RecordReader reader(text_, *options_.delimiter, column_count_);
  Record first;
  if (!next_good(reader, first)) return Header::absent;
  if (names_all_required(first, rules)) return Header::sure;
  Record second;
  return !has_number(first) && next_good(reader, second) && has_number(second) ? Header::assumed
                                                                               : Header::absent;
}

void TableReader::describe(std::span<const ColumnRule> rules) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Index column = columns_[i];
    if (rules[i].required) required_.push_back(column);
    if (column < 0) continue;
    const std::string name = header_.empty() ? fmt::format("column {}", column + 1)
                                             : in_quotes(header_[static_cast<std::size_t>(column)]);
    found.push_back(fmt::format("{} {}", rules[i].role, name));
  }
  report_.columns = fmt::format("{}", fmt::join(found, ", "));
}

void TableReader::read_header() {
  ReadState state = reader_.next(record_);
  while (state == ReadState::fault) {
    refuse(reader_.fault().line, reader_.fault().column, reader_.fault().reason);
    state = reader_.next(record_);
  }
  if (state == ReadState::end) return;
  header_.assign(record_.fields.begin(), record_.fields.end());
  column_count_ = static_cast<Index>(header_.size());
  reader_.set_columns(column_count_);
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
    refuse_record(std::min(count, column_count_) + 1,
                  fmt::format("expected {} fields, got {}", column_count_, count));
  }
  ++delivered_;
  if (may_be_header_) compare_with_first();
  constexpr std::size_t often = std::size_t{1} << 20;
  if (options_.progress && reader_.position() - told_ >= often) {
    told_ = reader_.position();
    options_.progress(static_cast<Index>(told_), static_cast<Index>(text_.size()));
  }
  return true;
}

// A first row of words that come again in their columns is no header.
void TableReader::compare_with_first() {
  if (delivered_ == 1) {
    may_be_header_ = !has_number(record_);
    for (const Index column : required_) first_words_.emplace_back(field(column));
    return;
  }
  for (std::size_t i = 0; i < required_.size(); ++i)
    may_be_header_ = may_be_header_ && field(required_[i]) != first_words_[i];
}

void TableReader::reject(Index column, const std::string& reason) {
  refuse_record(column + 1, reason);
  ++rejected_;
}

void TableReader::refuse_record(Index column, const std::string& reason) {
  if (record_.lines > 1) reader_.reread_after_first_line();
  refuse(record_.line, column, reason);
}

void TableReader::refuse(Index line, Index column, const std::string& reason) {
  const std::string message = fmt::format("{}:{}:{}: {}", path_, line, column, reason);
  if (!options_.skip_bad_lines)
    throw DataError(message +
                    (options_.names_options ? "; --skip-bad-lines passes over such lines" : ""));
  if (report_.skipped == 0) report_.first_reason = message;
  ++report_.skipped;
}

ReadReport TableReader::report() const {
  ReadReport report = report_;
  report.rows = delivered_ - rejected_;
  report.latin1_fields = reader_.converted();
  report.first_latin1_line = reader_.first_converted_line();
  constexpr Index telling = 3;  // of fewer rows any may have words of its own
  if (may_be_header_ && delivered_ >= telling)
    report.first_line = "the first line was taken for a row, though its words come nowhere else";
  if (!report.first_line.empty()) report.first_line += "; --header says what it is";
  return report;
}

}  // namespace tapegrad::apps
