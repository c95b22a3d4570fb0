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
  record.line = line_;
  bool good = cut(record, Quotes::over_lines);
  if (good && quotes_are_rare()) {
    cut_as_text(record);
  } else if (good && record.lines > 1 && columns_ > 1 &&
             whole_rows(start_.position, position_) == record.lines) {
    fault_.column = columns_;
    fault_.reason = fmt::format(
        "expected a closing quote in this row, got one after {} more lines that are rows, too",
        record.lines - 1);
    good = false;
  }
  if (!good) {
    fault_.line = record.line;
    reread_after_first_line();
    return ReadState::fault;
  }
  for (std::string& field : record.fields) {
    if (!is_valid_utf8(field)) field = latin1_to_utf8(field);
  }
  take_line_end();
  return ReadState::record;
}

void RecordReader::reread_after_first_line() {
  position_ = std::min(text_.find_first_of("\r\n", start_.position), text_.size());
  line_ = start_.line;
  take_line_end();
}

bool RecordReader::cut(Record& record, Quotes quotes) {
  position_ = start_.position;
  line_ = start_.line;
  hides_delimiters_ = false;
  std::size_t count = 0;
  do {
    if (count == record.fields.size()) record.fields.emplace_back();
    if (!read_field(record.fields[count++], quotes)) {
      fault_.column = static_cast<Index>(count);
      return false;
    }
  } while (take_delimiter());
  record.fields.resize(count);
  record.lines = line_ - start_.line + 1;
  return true;
}

// Takes back, where quotes are rare, what was read as quoted and is text.
void RecordReader::cut_as_text(Record& record) {
  const auto fits = [&] { return static_cast<Index>(record.fields.size()) == columns_; };
  if (record.lines > 1) {
    const std::size_t second = text_.find_first_of("\r\n", start_.position) + 1;
    if (!fits() || whole_rows(second, position_) > 0) cut(record, Quotes::within_a_line);
  }
  if (columns_ == 0 || fits() || !hides_delimiters_) return;
  cut(record, Quotes::none);
  if (!fits()) cut(record, Quotes::within_a_line);
}

// The lines that have, cut at every delimiter, as many fields as a row.
Index RecordReader::whole_rows(std::size_t begin, std::size_t end) const {
  Index rows = 0;
  for (std::size_t line_end = 0; begin < end; begin = line_end + 1) {
    line_end = std::min(text_.find_first_of("\r\n", begin), end);
    if (line_end == begin) continue;  // between CR and LF, or an empty line
    const std::string_view line = text_.substr(begin, line_end - begin);
    rows += std::count(line.begin(), line.end(), delimiter_) + 1 == columns_ ? 1 : 0;
  }
  return rows;
}

bool RecordReader::read_field(std::string& field, Quotes quotes) {
  const bool begins_with_quote = position_ < text_.size() && text_[position_] == '"';
  if (begins_with_quote && read_quoted(field, quotes)) return true;
  if (begins_with_quote && !quotes_are_rare()) return false;
  read_plain(field);
  return true;
}

// Whether the field is quoted; if not, the reason is in `fault_`.
bool RecordReader::read_quoted(std::string& field, Quotes quotes) {
  field.clear();
  bool over_lines = false;
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
    field += part;
    from = quote + 1;
    if (from == text_.size() || text_[from] != '"') break;
    field += '"';
    ++from;
  }
  if (!at_field_end(from)) {
    fault_.reason = "expected a delimiter after the closing quote, got " +
                    in_quotes(text_.substr(from, text_.find_first_of("\r\n", from) - from));
    return false;
  }
  const bool hides = over_lines || field.find(delimiter_) != std::string::npos;
  if (hides && quotes == Quotes::none) return false;
  hides_delimiters_ = hides_delimiters_ || hides;
  if (over_lines) line_ += count_line_ends(text_.substr(position_, from - position_));
  position_ = from;
  return true;
}

void RecordReader::read_plain(std::string& field) {
  std::size_t end = position_;
  while (!at_field_end(end)) ++end;
  field.assign(text_, position_, end - position_);
  position_ = end;
}

bool RecordReader::at_field_end(std::size_t position) const {
  return position == text_.size() || text_[position] == delimiter_ || is_line_end(text_[position]);
}

void RecordReader::pass_blank_lines() {
  const auto is_blank = [&](char character) {
    return (character == ' ' || character == '\t') && character != delimiter_;
  };
  do {
    std::size_t at = position_;
    while (at < text_.size() && is_blank(text_[at])) ++at;
    if (at < text_.size() && !is_line_end(text_[at])) return;
    position_ = at;
  } while (take_line_end());
}

bool RecordReader::take_delimiter() {
  if (position_ == text_.size() || text_[position_] != delimiter_) return false;
  ++position_;
  return true;
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
