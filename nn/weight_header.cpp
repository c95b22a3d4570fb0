#include <tapegrad/nn/weight_header.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/graph/error.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::nn {
namespace {

using nlohmann::json;

constexpr std::size_t longest_name = 100;  // in a message

std::string shown(std::string_view name) { return printable(name, longest_name); }

// What the parser calls with each piece of the text. The levels are the header, what stands under a
// name, and a list in it.
class HeaderParts {
 public:
  explicit HeaderParts(WeightHeader& header) : header_(header) {}

  bool null() { unexpected("null"); }
  bool boolean(bool) { unexpected("a truth value"); }
  bool number_integer(json::number_integer_t value) { return number(std::to_string(value)); }
  bool number_float(json::number_float_t, const std::string& text) { return number(text); }
  bool number_unsigned(json::number_unsigned_t value) {
    if (level_ != list_level ||
        value > static_cast<std::uint64_t>(Shape::max_size) * sizeof(double))
      return number(std::to_string(value));
    if (list_.size() > Shape::max_rank) refuse(fmt::format("its {} has too many numbers", key_));
    list_.push_back(value);
    return true;
  }
  bool string(std::string& text) {
    if (level_ == inner_level && in_metadata()) {
      if (!header_.metadata.emplace(key_, std::move(text)).second) refuse("it is there twice");
      return true;
    }
    if (level_ != inner_level || key_ != "dtype") unexpected("a text");
    dtype_ = std::move(text);
    return true;
  }
  bool binary(json::binary_t&) { unexpected("bytes"); }

  bool start_object(std::size_t) {
    if (level_ >= inner_level) unexpected("an object");
    ++level_;
    if (level_ == inner_level) forget_entry();
    return true;
  }
  bool key(std::string& text) {
    if (level_ == header_level) {
      name_ = std::move(text);
      key_.clear();
      const bool twice =
          in_metadata() ? std::exchange(metadata_came_, true) : header_.entries.contains(name_);
      if (twice) refuse("it is there twice");
      return true;
    }
    key_ = std::move(text);
    if (in_metadata()) return true;
    if (key_ != "dtype" && key_ != "shape" && key_ != "data_offsets")
      refuse(fmt::format("expected dtype, shape and data_offsets, got {}", shown(key_)));
    if ((key_ == "dtype" && dtype_) || (key_ == "shape" && shape_) ||
        (key_ == "data_offsets" && offsets_))
      refuse(fmt::format("its {} is there twice", key_));
    return true;
  }
  bool end_object() {
    if (level_ == inner_level && !in_metadata()) add_entry();
    --level_;
    return true;
  }
  bool start_array(std::size_t) {
    if (level_ != inner_level || in_metadata() || key_ == "dtype") unexpected("a list");
    level_ = list_level;
    list_.clear();
    return true;
  }
  bool end_array() {
    level_ = inner_level;
    (key_ == "shape" ? shape_ : offsets_) = list_;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const json::exception&) { return false; }

 private:
  enum Level { outside, header_level, inner_level, list_level };
  using Numbers = std::vector<std::uint64_t>;

  bool in_metadata() const { return name_ == weight_metadata_name; }

  [[noreturn]] void refuse(const std::string& reason) const {
    if (in_metadata()) throw Error(fmt::format("metadata {}: {}", shown(key_), reason));
    throw Error(fmt::format("tensor {}: {}", shown(name_), reason));
  }
  [[noreturn]] void unexpected(const std::string& what) const {
    if (level_ == outside) throw Error("is no safetensors file: its header is not a JSON object");
    if (in_metadata())
      refuse(fmt::format("expected {}, got {}",
                         level_ == header_level ? "an object of texts" : "a text", what));
    if (level_ == header_level)
      refuse(fmt::format("expected an object of dtype, shape and data_offsets, got {}", what));
    if (level_ == list_level || key_ != "dtype") expect_numbers(what);
    refuse(fmt::format("its dtype must be a text, got {}", what));
  }
  [[noreturn]] void expect_numbers(const std::string& got) const {
    refuse(fmt::format("its {} must be a list of whole numbers within [0, {}], got {}", key_,
                       key_ == "shape" ? static_cast<std::uint64_t>(Shape::max_size)
                                       : Shape::max_size * sizeof(double),
                       got));
  }
  bool number(const std::string& text) const {
    if (level_ == list_level) expect_numbers(shown(text));
    unexpected("the number " + shown(text));
  }

  void forget_entry() {
    dtype_.reset();
    shape_.reset();
    offsets_.reset();
  }
  void add_entry() {
    if (!dtype_ || !shape_ || !offsets_)
      refuse(
          fmt::format("it lacks its {}", !dtype_ ? "dtype" : (!shape_ ? "shape" : "data_offsets")));
    if (offsets_->size() != 2)
      refuse(fmt::format("its data_offsets must be 2 numbers, got {}", offsets_->size()));
    WeightEntry entry{.dtype = *std::move(dtype_),
                      .shape = {},
                      .begin = offsets_->front(),
                      .end = offsets_->back()};
    const std::vector<Index> extents(shape_->begin(), shape_->end());
    try {
      entry.shape = Shape(std::span<const Index>(extents));
    } catch (const Error& error) {
      refuse(error.what());
    }
    header_.entries.emplace(name_, std::move(entry));
  }

  WeightHeader& header_;
  int level_ = outside;
  std::string name_, key_;
  bool metadata_came_ = false;
  std::optional<std::string> dtype_;
  std::optional<Numbers> shape_, offsets_;
  Numbers list_;
};

void check_bytes(const WeightEntry& entry, std::uint64_t data_bytes) {
  if (entry.begin > entry.end || entry.end > data_bytes)
    throw Error(fmt::format("its bytes lie outside of the file's {}", data_bytes));
  const std::uint64_t element = element_bytes(entry.dtype);
  if (element == 0)
    throw Error(
        fmt::format("element type {} is none of F32, F64, I32, I64, U8", shown(entry.dtype)));
  const std::uint64_t bytes = entry.end - entry.begin;
  // Not wrapped: a shape's size is at most 2^59.
  if (static_cast<std::uint64_t>(entry.shape.size()) * element != bytes)
    throw Error(fmt::format("{} bytes do not hold shape {} of {}", bytes, entry.shape.to_string(),
                            entry.dtype));
}

// Whether the entries' bytes follow each other from the data's beginning to its end.
bool share_out(const WeightHeader& header, std::uint64_t data_bytes) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> parts;
  for (const auto& [name, entry] : header.entries) parts.emplace_back(entry.begin, entry.end);
  std::ranges::sort(parts);
  std::uint64_t at = 0;
  for (const auto& [begin, end] : parts) {
    if (begin != at) return false;
    at = end;
  }
  return at == data_bytes;
}

}  // namespace

std::uint64_t element_bytes(const std::string& dtype) {
  if (dtype == "U8") return 1;
  if (dtype == "F32" || dtype == "I32") return 4;
  return dtype == "F64" || dtype == "I64" ? 8 : 0;
}

WeightHeader read_weight_header(std::string_view text, std::uint64_t data_bytes) {
  WeightHeader header;
  HeaderParts parts(header);
  if (!json::sax_parse(text.begin(), text.end(), &parts))
    throw Error("is no safetensors file: its header is not a JSON object");
  for (const auto& [name, entry] : header.entries) {
    try {
      check_bytes(entry, data_bytes);
    } catch (const Error& error) {
      throw Error(fmt::format("tensor {}: {}", shown(name), error.what()));
    }
  }
  if (!share_out(header, data_bytes))
    throw Error(fmt::format("its tensors do not share out the file's {} bytes", data_bytes));
  return header;
}

}  // namespace tapegrad::nn
