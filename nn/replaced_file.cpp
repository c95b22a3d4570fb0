#include <tapegrad/nn/replaced_file.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <random>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>

namespace tapegrad::nn {
namespace {

// Where a link leads, also one to nothing: the file behind it is replaced, not the link.
std::string behind_links(const std::string& path) {
  constexpr int most_links = 40;
  std::filesystem::path at = path;
  for (int i = 0; i < most_links && std::filesystem::is_symlink(at); ++i)
    at = at.parent_path() / std::filesystem::read_symlink(at);
  return at.string();
}

}  // namespace

ReplacedFile::ReplacedFile(const std::string& path) : path_(behind_links(path)) {
  std::random_device random;
  do {
    temporary_ = fmt::format("{}.{:08x}", path_, random());
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (descriptor_ < 0 && errno == EEXIST);
  if (descriptor_ < 0) fail();
  struct stat old {};
  if (::stat(path_.c_str(), &old) == 0 && S_ISREG(old.st_mode)) ::fchmod(descriptor_, old.st_mode & 07777);
}

ReplacedFile::~ReplacedFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void ReplacedFile::write(const void* data, std::size_t bytes) {
  const auto* at = static_cast<const std::byte*>(data);
  while (bytes > 0) {
    const ssize_t written = ::write(descriptor_, at, bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail();
    at += written;
    bytes -= static_cast<std::size_t>(written);
  }
}

void ReplacedFile::commit() {
  // Closing can report an error of writing.
  if (::fsync(descriptor_) != 0 || ::close(std::exchange(descriptor_, -1)) != 0) fail();
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail();
  temporary_.clear();
}

void ReplacedFile::fail() const { throw Error(fmt::format("{}: cannot be written: {}", path_, std::strerror(errno))); }

}  // namespace tapegrad::nn
