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
    const bool carriage_return_alone = text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
    if (text[i] == '\n' || carriage_return_alone) ++count;
  }
  return count;
}

}  // namespace

ReadState RecordReader::next(Record& record) {
  while (take_line_end()) {
  }
  if (position_ == text_.size()) return ReadState::end;
  const std::size_t start = position_;
  record.line = line_;
  std::size_t count = 0;
  bool more = true;
  while (more) {
    if (count == record.fields.size()) record.fields.emplace_back();
    std::string& field = record.fields[count++];
    if (!read_field(field)) {
      fault_.line = record.line;
      fault_.column = static_cast<Index>(count);
      position_ = std::min(text_.find_first_of("\r\n", start), text_.size());
      line_ = record.line;
      return ReadState::fault;
    }
    if (!is_valid_utf8(field)) field = latin1_to_utf8(field);
    more = take_delimiter();
  }
  record.fields.resize(count);
  take_line_end();
  return ReadState::record;
}

bool RecordReader::read_field(std::string& field) {
  if (position_ < text_.size() && text_[position_] == '"') return read_quoted(field);
  read_plain(field);
  return true;
}

bool RecordReader::read_quoted(std::string& field) {
  field.clear();
  std::size_t from = position_ + 1;
  while (true) {
    const std::size_t quote = text_.find('"', from);
    if (quote == std::string_view::npos) {
      fault_.reason = "expected a closing quote, got the end of the file";
      return false;
    }
    field.append(text_, from, quote - from);
    from = quote + 1;
    if (from == text_.size() || text_[from] != '"') break;
    field += '"';
    ++from;
  }
  if (!at_field_end(from)) {
    if (delimiter_ == '\t' || delimiter_ == '|') {
      read_plain(field);
      return true;
    }
    fault_.reason = "expected a delimiter after the closing quote, got " +
                    in_quotes(text_.substr(from, text_.find_first_of("\r\n", from) - from));
    return false;
  }
  line_ += count_line_ends(text_.substr(position_, from - position_));
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

bool RecordReader::take_delimiter() {
  if (position_ == text_.size() || text_[position_] != delimiter_) return false;
  ++position_;
  return true;
}

bool RecordReader::take_line_end() {
  if (position_ == text_.size() || !is_line_end(text_[position_])) return false;
  const bool pair = text_[position_] == '\r' && position_ + 1 < text_.size() && text_[position_ + 1] == '\n';
  position_ += pair ? 2 : 1;
  ++line_;
  return true;
}

}  // namespace tapegrad::apps
