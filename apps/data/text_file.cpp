#include <fmt/core.h>
#include <zlib.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/text_file.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

namespace tapegrad::apps {
namespace {

struct CloseGzip {
  void operator()(gzFile file) const { gzclose_r(file); }
};
using GzipHandle = std::unique_ptr<gzFile_s, CloseGzip>;

std::string system_reason(int error) { return std::generic_category().message(error); }

GzipHandle open_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) throw DataError(fmt::format("{}: expected a file, got a directory", path));
  errno = 0;
  GzipHandle file(gzopen(path.c_str(), "rb"));
  if (!file) throw DataError(fmt::format("{}: cannot open the file: {}", path, system_reason(errno == 0 ? ENOMEM : errno)));
  gzbuffer(file.get(), 1U << 18U);
  return file;
}

void check_stream(gzFile file, const std::string& path) {
  int code = Z_OK;
  const char* reason = gzerror(file, &code);
  if (code == Z_OK || code == Z_STREAM_END) return;
  if (code == Z_ERRNO) throw DataError(fmt::format("{}: cannot read the file: {}", path, system_reason(errno)));
  if (code == Z_BUF_ERROR) throw DataError(fmt::format("{}: expected a whole gzip file, got a truncated one", path));
  throw DataError(fmt::format("{}: expected a valid gzip file, got a damaged one ({})", path, reason));
}

std::string read_bytes(const std::string& path) {
  const GzipHandle file = open_file(path);
  constexpr unsigned kChunk = 1U << 20U;
  std::string bytes;
  int got = 1;
  while (got > 0) {
    const std::size_t filled = bytes.size();
    bytes.resize(filled + kChunk);
    got = gzread(file.get(), bytes.data() + filled, kChunk);
    bytes.resize(filled + static_cast<std::size_t>(std::max(got, 0)));
  }
  // A stream cut short still delivers bytes; only the error state tells.
  check_stream(file.get(), path);
  return bytes;
}

void check_text(const std::string& bytes, const std::string& path) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    throw DataError(fmt::format("{}: expected UTF-8 or ISO-8859-1 text, got UTF-16", path));
  }
  const std::size_t nul = bytes.find('\0');
  if (nul == std::string::npos) return;
  const auto line = 1 + std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(nul), '\n');
  throw DataError(fmt::format("{}:{}: expected text, got a NUL byte", path, line));
}

}  // namespace

std::string read_text_file(const std::string& path) {
  std::string bytes = read_bytes(path);
  check_text(bytes, path);
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.erase(0, 3);
  return bytes;
}

}  // namespace tapegrad::apps
