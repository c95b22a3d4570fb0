#include <tapegrad/apps/data/file_bytes.h>

#include <fmt/core.h>
#include <zlib.h>

#include <tapegrad/apps/data/errors.h>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <new>
#include <system_error>

namespace tapegrad::apps {
namespace {

constexpr std::size_t chunk = std::size_t{1} << 16;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

[[noreturn]] void refuse(const std::string& path, const char* action) {
  throw DataError(fmt::format("{}: cannot {} the file: {}", path, action,
                              std::generic_category().message(errno)));
}

std::string read_bytes(std::FILE* file, const std::string& path, std::size_t expected) {
  std::string bytes;
  bytes.reserve(expected + chunk);
  for (std::size_t got = chunk; got == chunk;) {
    const std::size_t filled = bytes.size();
    bytes.resize(filled + chunk);
    got = std::fread(bytes.data() + filled, 1, chunk, file);
    bytes.resize(filled + got);
  }
  if (std::ferror(file) != 0) refuse(path, "read");
  return bytes;
}

// The members of a gzip file one after another. zlib's own gzread stops in silence before a member
// that does not begin as one, and what came after would be lost.
class Inflater {
 public:
  Inflater(const std::string& bytes, const std::string& path, std::size_t most,
           const ReadProgress& progress)
      : path_(path),
        most_(most),
        progress_(progress),
        size_(static_cast<std::ptrdiff_t>(bytes.size())) {
    constexpr int gzip_only = 15 + 16;
    if (inflateInit2(&stream_, gzip_only) != Z_OK) throw std::bad_alloc();
    next_ = reinterpret_cast<const Bytef*>(bytes.data());
    end_ = next_ + bytes.size();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  std::string run() {
    std::string text;
    while (next_ != end_) {
      inflateReset(&stream_);
      add_member(text);
    }
    if (text.size() > most_) refuse_size();
    return text;
  }

 private:
  [[noreturn]] void refuse_size() const {
    throw DataError(fmt::format(
        "{}: expected a gzip file of at most {} MiB unpacked, got more: --max-unpacked raises that",
        path_, most_ >> 20));
  }

  void add_member(std::string& text) {
    for (int code = Z_OK; code != Z_STREAM_END;) {
      const std::size_t filled = text.size();
      if (filled > most_) refuse_size();
      text.resize(filled + chunk);
      const auto given = static_cast<uInt>(std::min<std::ptrdiff_t>(end_ - next_, 1 << 30));
      stream_.next_in = const_cast<Bytef*>(next_);  // which zlib only reads
      stream_.avail_in = given;
      stream_.next_out = reinterpret_cast<Bytef*>(text.data() + filled);
      stream_.avail_out = chunk;
      code = inflate(&stream_, Z_NO_FLUSH);
      next_ += given - stream_.avail_in;
      text.resize(filled + chunk - stream_.avail_out);
      tell(text.size());
      const bool more_needed = code == Z_BUF_ERROR || (code == Z_OK && stream_.avail_out > 0);
      if (more_needed && next_ == end_)
        throw DataError(fmt::format("{}: expected a whole gzip file, got a truncated one", path_));
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
        throw DataError(fmt::format("{}: expected a valid gzip file, got a damaged one ({})", path_,
                                    stream_.msg != nullptr ? stream_.msg : "zlib gives no reason"));
      }
    }
  }

  // Told after every MiB of text.
  void tell(std::size_t unpacked) {
    constexpr std::size_t often = std::size_t{1} << 20;
    if (!progress_ || unpacked - told_ < often) return;
    told_ = unpacked;
    progress_(size_ - (end_ - next_), size_);
  }

  const std::string& path_;
  std::size_t most_;
  const ReadProgress& progress_;
  std::ptrdiff_t size_;
  std::size_t told_ = 0;
  z_stream stream_{};
  const Bytef* next_ = nullptr;
  const Bytef* end_ = nullptr;
};

}  // namespace

std::string read_file(const std::string& path) {
  if (path == "-") return read_bytes(stdin, "standard input", 0);
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    throw DataError(fmt::format("{}: expected a file, got a directory", path));
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
  if (!file) refuse(path, "open");
  const auto size = std::filesystem::file_size(path, ignored);
  return read_bytes(file.get(), path, ignored ? 0 : static_cast<std::size_t>(size));
}

std::string read_unpacked(const std::string& path, std::size_t max_unpacked,
                          const ReadProgress& progress) {
  std::string bytes = read_file(path);
  if (!bytes.starts_with("\x1F\x8B")) return bytes;
  return Inflater(bytes, path, max_unpacked, progress).run();
}

}  // namespace tapegrad::apps
