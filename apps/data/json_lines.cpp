#include <tapegrad/apps/data/json_lines.h>

#include <algorithm>
#include <functional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>

namespace tapegrad::apps {
namespace {

constexpr int greatest_depth = 32;

using Member = std::function<void(const std::string& name, const std::string& value)>;

// Calls `member` for each value of one object, as it is parsed. Numbers keep their text, so that an
// id of 20 digits stays what it is.
class ObjectReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit ObjectReader(const Member& member) : member_(member) {}

  const std::string& reason() const { return reason_; }

  bool null() override { return value(""); }
  bool boolean(bool is_true) override { return value(is_true ? "1" : "0"); }
  bool number_integer(number_integer_t number) override { return value(std::to_string(number)); }
  bool number_unsigned(number_unsigned_t number) override { return value(std::to_string(number)); }
  bool number_float(number_float_t, const string_t& text) override { return value(text); }
  bool string(string_t& text) override { return value(text); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override {
    if (++depth_ > greatest_depth) return too_deep();
    if (array_depth_ == 0) prefixes_.push_back(key_);
    return true;
  }
  bool end_object() override {
    if (array_depth_ == 0) prefixes_.pop_back();
    --depth_;
    return true;
  }
  bool key(string_t& name) override {
    if (array_depth_ == 0) key_ = prefixes_.size() > 1 ? prefixes_.back() + '.' + name : name;
    return true;
  }
  bool start_array(std::size_t) override {
    if (depth_ == 0) return fail("expected a JSON object, got an array");
    if (++depth_ > greatest_depth) return too_deep();
    if (++array_depth_ == 1) {
      array_at_ = depth_;
      joined_.clear();
    }
    return true;
  }
  bool end_array() override {
    --depth_;
    if (--array_depth_ == 0) member_(key_, joined_);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    return fail(
        fmt::format("expected a JSON object, got what is none at its character {}", position));
  }

 private:
  bool fail(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }
  bool too_deep() {
    return fail(fmt::format("expected a nesting of at most {}, got a deeper one", greatest_depth));
  }

  bool value(const std::string& text) {
    if (depth_ == 0) return fail("expected a JSON object, got a plain value");
    if (array_depth_ == 0) {
      member_(key_, text);
      return true;
    }
    // What an array holds beside plain values is no part of a row.
    if (depth_ != array_at_) return true;
    if (!joined_.empty()) joined_ += '|';
    joined_ += text;
    return true;
  }

  const Member& member_;
  int depth_ = 0;        // of objects and arrays
  int array_depth_ = 0;  // of the arrays alone
  int array_at_ = 0;     // the depth within the outermost array
  std::string key_, joined_, reason_;
  std::vector<std::string> prefixes_;
};

// Why the line is no row; empty if it is one.
std::string read_object(std::string_view line, const Member& member) {
  ObjectReader reader(member);
  if (nlohmann::json::sax_parse(line.begin(), line.end(), &reader)) return "";
  return reader.reason().empty() ? "expected a JSON object" : reader.reason();
}

}  // namespace

JsonLines::JsonLines(std::string text) : text_(std::move(text)) {
  find_names();
  values_.resize(names_.size());
}

void JsonLines::find_names() {
  constexpr int sample = 1000;
  const Member add = [&](const std::string& name, const std::string&) {
    if (columns_.try_emplace(name, names_.size()).second) names_.push_back(name);
  };
  for (int i = 0; i < sample; ++i) {
    const std::string_view line = next_line();
    if (line.empty()) break;
    read_object(line, add);
  }
  position_ = 0;
  line_ = 0;
}

// The next line that is not blank; empty at the end of the text.
std::string_view JsonLines::next_line() {
  while (position_ < text_.size()) {
    const std::size_t end = std::min(text_.find('\n', position_), text_.size());
    const std::string_view line =
        trimmed(std::string_view(text_).substr(position_, end - position_));
    position_ = std::min(end + 1, text_.size());
    ++line_;
    if (!line.empty()) return line;
  }
  return {};
}

ReadState JsonLines::next(Record& row) {
  const std::string_view line = next_line();
  if (line.empty()) return ReadState::end;
  for (std::string& value : values_) value.clear();
  const std::string reason =
      read_object(line, [&](const std::string& name, const std::string& value) {
        const auto column = columns_.find(name);
        if (column != columns_.end()) values_[column->second] = value;
      });
  if (!reason.empty()) {
    fault_ = {line_, 1, reason};
    return ReadState::fault;
  }
  row.line = line_;
  row.lines = 1;
  row.fields.assign(values_.begin(), values_.end());
  return ReadState::record;
}

RowSource::Progress JsonLines::progress() const {
  return {static_cast<Index>(position_), static_cast<Index>(text_.size())};
}

}  // namespace tapegrad::apps
