#include <fmt/core.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/data/table.h>
#include <algorithm>
#include <utility>

namespace tapegrad::apps {
namespace {

template <class Fields>
bool has_number(const Fields& fields) {
  return std::ranges::any_of(fields,
                             [](std::string_view field) { return parse_time(field).has_value(); });
}

// Whether there are required roles, and the fields hold a name for each: the chosen one, or one
// that is known.
bool names_all_required(const std::vector<std::string>& fields, std::span<const ColumnRule> rules) {
  return std::ranges::any_of(rules, &ColumnRule::required) &&
         std::ranges::all_of(rules, [&](const ColumnRule& rule) {
           return !rule.required || std::ranges::any_of(fields, [&](std::string_view field) {
             return needs_header(rule) ? field == rule.choice : is_known_name(rule, field);
           });
         });
}

}  // namespace

ColumnRule column_rule(const TableOptions& options, std::string_view role,
                       std::span<const std::string_view> known_names, Index position,
                       bool required) {
  return {role, options.columns.of(role), known_names, position, required, options.names_options};
}

TableReader::TableReader(const std::string& location, const TableOptions& options,
                         std::span<const ColumnRule> rules)
    : path_(displayed(location)),
      options_(options),
      source_(open_source(location, options.source)),
      column_count_(source_->column_count()),
      header_(source_->names()) {
  const bool has_names = !header_.empty();
  if (has_names && options.header)
    throw OptionError(
        fmt::format("{}: --header has no effect, since its columns have names", path_));
  const Header header = has_names ? Header::sure : detect_header(rules);
  if (!has_names && options.header.value_or(header != Header::absent)) read_header();
  if (header_.empty() && !options.names.empty()) take_names();
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
    if (column_count_ > 1 || has_names || !options.names_shape_options) throw;
    throw DataError(fmt::format("{}; --delimiter says what lies between fields", error.what()));
  }
  describe(rules);
  if (options.header || has_names || !options.names_shape_options) return;
  if (header == Header::assumed)
    report_.first_line =
        "the first line was taken for column names, since it has no number and the next line has";
  may_be_header_ = header == Header::absent;
}

TableReader::Header TableReader::detect_header(std::span<const ColumnRule> rules) const {
  const std::vector<std::vector<std::string>> rows = source_->peek(2);
  if (!options_.names.empty())
    return !rows.empty() && (rows[0] == options_.names || names_all_required(rows[0], rules))
               ? Header::sure
               : Header::absent;
  if (std::ranges::any_of(rules, needs_header)) return Header::sure;
  if (rows.empty()) return Header::absent;
  if (names_all_required(rows[0], rules)) return Header::sure;
  return rows.size() == 2 && !has_number(rows[0]) && has_number(rows[1]) ? Header::assumed
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
  ReadState state = source_->next(record_);
  while (state == ReadState::fault) {
    refuse(source_->fault().line, source_->fault().column, source_->fault().reason);
    state = source_->next(record_);
  }
  if (state == ReadState::end) return;
  header_.assign(record_.fields.begin(), record_.fields.end());
  column_count_ = static_cast<Index>(header_.size());
  source_->set_columns(column_count_);
}

bool TableReader::next() {
  while (true) {
    const ReadState state = source_->next(record_);
    if (state == ReadState::end) return false;
    if (state == ReadState::fault) {
      refuse(source_->fault().line, source_->fault().column, source_->fault().reason);
      continue;
    }
    const auto count = static_cast<Index>(record_.fields.size());
    if (count == column_count_) break;
    refuse_record(std::min(count, column_count_) + 1,
                  fmt::format("expected {} fields, got {}", column_count_, count));
  }
  ++delivered_;
  if (may_be_header_) compare_with_first();
  if (options_.source.progress) tell();
  return true;
}

// Now and then.
void TableReader::tell() {
  constexpr Index often = 8192;  // rows
  if (delivered_ % often != 0) return;
  const RowSource::Progress progress = source_->progress();
  options_.source.progress(progress.done, progress.all);
}

void TableReader::take_names() {
  const auto count = static_cast<Index>(options_.names.size());
  if (count != column_count_)
    throw DataError(
        fmt::format("{}: expected {} columns, as the part of the table with the names has, got {}",
                    path_, count, column_count_));
  header_ = options_.names;
}

// A first row of words that come again in their columns is no header.
void TableReader::compare_with_first() {
  if (delivered_ == 1) {
    may_be_header_ = !has_number(record_.fields);
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

bool TableReader::excludes(std::string_view item) {
  const bool is_excluded = options_.excluded_items.contains(item);
  excluded_ += is_excluded ? 1 : 0;
  return is_excluded;
}

void TableReader::refuse_record(Index column, const std::string& reason) {
  if (record_.lines > 1) source_->reread_after_first_line();
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
  report.rows = delivered_ - rejected_ - left_out_ - excluded_;
  report.left_out = left_out_;
  report.excluded = excluded_;
  report.latin1_fields = source_->converted();
  report.first_latin1_line = source_->first_converted_line();
  constexpr Index telling = 3;  // of fewer rows any may have words of its own
  if (may_be_header_ && delivered_ >= telling)
    report.first_line = "the first line was taken for a row, though its words come nowhere else";
  if (!report.first_line.empty()) report.first_line += "; --header says what it is";
  return report;
}

namespace {

// The first of several sources that has a header; null where none has one.
std::unique_ptr<TableReader> open_with_header(std::span<const std::string> locations,
                                              const TableOptions& options,
                                              std::span<const ColumnRule> rules,
                                              std::size_t& which) {
  for (which = 0; which < locations.size(); ++which) {
    if (!is_file(locations[which])) continue;
    try {
      auto reader = std::make_unique<TableReader>(locations[which], options, rules);
      if (!reader->header().empty()) return reader;
    } catch (const DataError&) {
      // What is wrong with it is told when its turn comes to be read.
    }
  }
  return nullptr;
}

void add(ReadReport& all, const ReadReport& part) {
  all.rows += part.rows;
  all.left_out += part.left_out;
  all.excluded += part.excluded;
  if (all.skipped == 0) all.first_reason = part.first_reason;
  all.skipped += part.skipped;
  if (all.columns.empty()) all.columns = part.columns;
  if (all.latin1_fields == 0) all.first_latin1_line = part.first_latin1_line;
  all.latin1_fields += part.latin1_fields;
  if (all.first_line.empty()) all.first_line = part.first_line;
}

}  // namespace

ReadReport read_table(std::span<const std::string> locations, const TableOptions& options,
                      std::span<const ColumnRule> rules,
                      const std::function<void(TableReader&)>& row) {
  TableOptions own = options;
  std::size_t which = 0;
  std::unique_ptr<TableReader> named;
  if (locations.size() > 1) named = open_with_header(locations, options, rules, which);
  if (named) own.names = named->header();
  ReadReport all;
  std::vector<bool> found;
  for (const std::string& location : locations) {
    // A file is opened once: that with the names is open already.
    const bool is_open = named && &location == &locations[which];
    const auto opened =
        is_open ? std::move(named) : std::make_unique<TableReader>(location, own, rules);
    TableReader& reader = *opened;
    for (std::size_t rule = 0; rule < rules.size(); ++rule) {
      if (found.size() <= rule) found.push_back(reader.has(rule));
      if (found[rule] == reader.has(rule)) continue;
      throw DataError(fmt::format("{}: expected {} column for {}, as in {}, got {}",
                                  displayed(location), found[rule] ? "a" : "no", rules[rule].role,
                                  displayed(locations.front()), found[rule] ? "none" : "one"));
    }
    while (reader.next()) row(reader);
    add(all, reader.report());
  }
  return all;
}

}  // namespace tapegrad::apps
