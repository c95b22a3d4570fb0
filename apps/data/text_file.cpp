#include <fmt/core.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/nn/replaced_file.h>
#include <algorithm>

namespace tapegrad::apps {
namespace {

void check_text(const std::string& bytes, const std::string& path) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    throw DataError(fmt::format("{}: expected UTF-8 or ISO-8859-1 text, got UTF-16", path));
  }
  const std::size_t nul = bytes.find('\0');
  if (nul == std::string::npos) return;
  const auto line =
      1 + std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(nul), '\n');
  throw DataError(fmt::format("{}:{}: expected text, got a NUL byte", path, line));
}

}  // namespace

std::string read_text_file(const std::string& path, std::size_t max_unpacked,
                           const ReadProgress& progress) {
  std::string bytes = read_unpacked(path, max_unpacked, progress);
  check_text(bytes, path);
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.erase(0, 3);
  return bytes;
}

void write_text_file(const std::string& path, const std::string& text) {
  nn::ReplacedFile file(path);
  file.write(text.data(), text.size());
  file.commit();
}

}  // namespace tapegrad::apps
