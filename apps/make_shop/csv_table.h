// The files of a made-up shop.
#pragma once

#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/nn/replaced_file.h>

namespace tapegrad::apps {

inline constexpr double year_seconds = 365.0 * 86400.0;
inline constexpr double first_second = 1704067200.0;  // 2024-01-01

// A file that is written in large pieces, and is there whole or not at all.
class CsvTable {
 public:
  CsvTable(const std::string& path, std::string_view header) : file_(path) {
    text_.append(header);
    text_.push_back('\n');
  }
  template <class... Values>
  void add(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
    constexpr std::size_t piece = 1 << 20;
    if (text_.size() >= piece) flush();
  }
  void commit() {
    flush();
    file_.commit();
  }

 private:
  void flush() {
    file_.write(text_.data(), text_.size());
    text_.clear();
  }
  nn::ReplacedFile file_;
  std::string text_;
};

}  // namespace tapegrad::apps
