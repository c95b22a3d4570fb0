#include <fmt/core.h>

#include <tapegrad/apps/data/encoding.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/record_reader.h>
#include <algorithm>

namespace tapegrad::apps {
namespace {

bool is_line_end(char character) { return character == '\n' || character == '\r'; }

// CRLF counts once.
Index count_line_ends(std::string_view text) {
  Index count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool carriage_return_alone =
        text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
    if (text[i] == '\n' || carriage_return_alone) ++count;
  }
  return count;
}

}  // namespace

ReadState RecordReader::next(Record& record) {
  pass_blank_lines();
  if (position_ == text_.size()) return ReadState::end;
  start_ = {position_, line_};
  kept_count_ = 0;
  record.line = line_;
  const bool has_quotes = quotes_.next(position_, finder('"')) < line_end(position_);
  if (!has_quotes) cut_without_quotes(record);
  if ((has_quotes && !cut_with_quotes(record)) || !convert(record)) {
    fault_.line = record.line;
    reread_after_first_line();
    return ReadState::fault;
  }
  take_line_end();
  return ReadState::record;
}

void RecordReader::cut_without_quotes(Record& record) {
  const std::size_t end = line_end(position_);
  record.fields.clear();
  record.lines = 1;
  delimiter_.split(text_.substr(position_, end - position_), record.fields);
  position_ = end;
}

bool RecordReader::cut_with_quotes(Record& record) {
  if (!cut(record, Quotes::over_lines)) return false;
  if (trusts_quotes_) return true;
  if (!delimiter_.is_often_quoted()) {
    cut_as_text(record);
    return true;
  }
  if (record.lines == 1 || columns_ <= 1 || whole_rows(start_.position, position_) != record.lines)
    return true;
  fault_.column = columns_;
  fault_.reason = fmt::format(
      "expected a closing quote in this row, got one after {} more lines that are rows, too",
      record.lines - 1);
  return false;
}

// Makes UTF-8 of all fields; false, with the reason in `fault_`, where they should be and are not.
bool RecordReader::convert(Record& record) {
  const std::size_t not_ascii = not_ascii_.next(
      start_.position, [&](std::size_t from) { return find_non_ascii(text_, from); });
  if (not_ascii >= position_) return true;
  for (std::string_view& field : record.fields) {
    const bool is_latin1 = encoding_ == Encoding::latin1 || !is_valid_utf8(field);
    if (!is_latin1) continue;
    if (encoding_ == Encoding::utf8) {
      fault_.column = &field - record.fields.data() + 1;
      fault_.reason = "expected UTF-8, got " + in_quotes(latin1_to_utf8(field)) + " in Latin-1";
      return false;
    }
    if (encoding_ == Encoding::detect && converted_++ == 0) first_converted_line_ = record.line;
    std::string& utf8 = kept_string();
    utf8 = latin1_to_utf8(field);
    field = utf8;
  }
  return true;
}

void RecordReader::reread_after_first_line() {
  position_ = line_end(start_.position);
  line_ = start_.line;
  take_line_end();
}

bool RecordReader::cut(Record& record, Quotes quotes) {
  position_ = start_.position;
  line_ = start_.line;
  kept_count_ = 0;
  hides_delimiters_ = false;
  record.fields.clear();
  if (delimiter_.is_blanks()) position_ += delimiter_.length_at(text_, position_);
  do {
    if (!read_field(record.fields.emplace_back(), quotes)) {
      fault_.column = static_cast<Index>(record.fields.size());
      return false;
    }
  } while (take_delimiter());
  record.lines = line_ - start_.line + 1;
  return true;
}

// Takes back, where quotes are rare, what was read as quoted and is text.
void RecordReader::cut_as_text(Record& record) {
  const auto fits = [&] { return static_cast<Index>(record.fields.size()) == columns_; };
  if (record.lines > 1) {
    const std::size_t second = line_end(start_.position) + 1;
    if (!fits() || whole_rows(second, position_) > 0) cut(record, Quotes::within_a_line);
  }
  if (columns_ == 0 || fits() || !hides_delimiters_) return;
  cut(record, Quotes::none);
  if (!fits()) cut(record, Quotes::within_a_line);
}

// The lines that have, cut at every delimiter, as many fields as a row.
Index RecordReader::whole_rows(std::size_t begin, std::size_t end) {
  Index rows = 0;
  std::vector<std::string_view> fields;
  for (std::size_t stop = 0; begin < end; begin = stop + 1) {
    stop = std::min(line_end(begin), end);
    if (stop == begin) continue;  // between CR and LF, or an empty line
    fields.clear();
    delimiter_.split(text_.substr(begin, stop - begin), fields);
    rows += static_cast<Index>(fields.size()) == columns_ ? 1 : 0;
  }
  return rows;
}

bool RecordReader::read_field(std::string_view& field, Quotes quotes) {
  const bool begins_with_quote = position_ < text_.size() && text_[position_] == '"';
  if (begins_with_quote && read_quoted(field, quotes)) return true;
  if (begins_with_quote && delimiter_.is_often_quoted()) return false;
  field = read_plain();
  return true;
}

// Whether the field is quoted; if not, the reason is in `fault_`.
bool RecordReader::read_quoted(std::string_view& field, Quotes quotes) {
  bool over_lines = false;
  std::string* joined = nullptr;  // of the parts around doubled quotes
  std::size_t from = position_ + 1;
  while (true) {
    const std::size_t quote = text_.find('"', from);
    if (quote == std::string_view::npos) {
      fault_.reason = "expected a closing quote, got the end of the file";
      return false;
    }
    const std::string_view part = text_.substr(from, quote - from);
    over_lines = over_lines || part.find_first_of("\r\n") != std::string_view::npos;
    if (over_lines && quotes != Quotes::over_lines) return false;
    const bool doubled = quote + 1 < text_.size() && text_[quote + 1] == '"';
    if (doubled && joined == nullptr) joined = &kept_string();
    if (joined != nullptr) *joined += part;
    field = joined != nullptr ? std::string_view(*joined) : part;
    from = quote + 1;
    if (!doubled) break;
    *joined += '"';
    ++from;
  }
  if (!at_field_end(from)) {
    fault_.reason = "expected a delimiter after the closing quote, got " +
                    in_quotes(text_.substr(from, line_end(from) - from));
    return false;
  }
  const bool hides = over_lines || holds_delimiter(field);
  if (hides && quotes == Quotes::none) return false;
  hides_delimiters_ = hides_delimiters_ || hides;
  if (over_lines) line_ += count_line_ends(text_.substr(position_, from - position_));
  position_ = from;
  return true;
}

std::string_view RecordReader::read_plain() {
  const std::size_t begin = position_;
  while (!at_field_end(position_)) ++position_;
  return text_.substr(begin, position_ - begin);
}

// A string that stays where it is until the next record, empty.
std::string& RecordReader::kept_string() {
  if (kept_count_ == kept_.size()) kept_.emplace_back();
  std::string& kept = kept_[kept_count_++];
  kept.clear();
  return kept;
}

bool RecordReader::holds_delimiter(std::string_view field) const {
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (delimiter_.length_at(field, i) > 0) return true;
  }
  return false;
}

bool RecordReader::at_field_end(std::size_t position) const {
  return position == text_.size() || is_line_end(text_[position]) ||
         delimiter_.length_at(text_, position) > 0;
}

// Where the line ends that `from` lies in: at its CR or LF, or at the end of the text.
std::size_t RecordReader::line_end(std::size_t from) {
  const std::size_t end =
      std::min(line_feeds_.next(from, finder('\n')), carriage_returns_.next(from, finder('\r')));
  return std::min(end, text_.size());
}

void RecordReader::pass_blank_lines() {
  const auto is_blank = [&](char character) {
    return (character == ' ' || character == '\t') && !delimiter_.has_blank(character);
  };
  do {
    std::size_t at = position_;
    while (at < text_.size() && is_blank(text_[at])) ++at;
    if (at < text_.size() && !is_line_end(text_[at])) return;
    position_ = at;
  } while (take_line_end());
}

bool RecordReader::take_delimiter() {
  const std::size_t length = delimiter_.length_at(text_, position_);
  position_ += length;
  const bool at_line_end = position_ == text_.size() || is_line_end(text_[position_]);
  return length > 0 && !(delimiter_.is_blanks() && at_line_end);
}

bool RecordReader::take_line_end() {
  if (position_ == text_.size() || !is_line_end(text_[position_])) return false;
  const bool pair =
      text_[position_] == '\r' && position_ + 1 < text_.size() && text_[position_ + 1] == '\n';
  position_ += pair ? 2 : 1;
  ++line_;
  return true;
}

}  // namespace tapegrad::apps
