#include <tapegrad/nn/replaced_file.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ios>
#include <random>
#include <system_error>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>

namespace tapegrad::nn {
namespace {

namespace fs = std::filesystem;

// Where a link leads, also one to nothing: the file behind it is replaced, not the link.
fs::path behind_links(const std::string& path) {
  constexpr int most_links = 40;
  fs::path at = path;
  std::error_code error;
  for (int i = 0; i < most_links && fs::is_symlink(at, error); ++i)
    at = at.parent_path() / fs::read_symlink(at, error);
  return at;
}

// The beginning of all temporary names of a file, cut so that the whole is not longer than a name
// may be.
std::string temporary_prefix(const std::string& path) {
  constexpr std::size_t longest = 200;
  return fmt::format(".{}.", fs::path(path).filename().string().substr(0, longest));
}

constexpr const char* temporary_suffix = ".tmp";

std::string temporary_name(const std::string& path) {
  std::random_device random;
  return fmt::format("{}{:08x}{}", temporary_prefix(path), random(), temporary_suffix);
}

enum class Locked { yes, by_another, unsupported };

Locked try_lock(int file) {
  while (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return Locked::by_another;
    if (errno != EINTR) return Locked::unsupported;
  }
  return Locked::yes;
}

// Removes what killed processes left. Those that live hold locks on theirs.
void sweep(const std::string& folder, const std::string& path) {
  const std::string prefix = temporary_prefix(path);
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const bool temporary = name.size() == prefix.size() + 12 && name.starts_with(prefix) &&
                           name.ends_with(temporary_suffix);
    if (!temporary) continue;
    const Descriptor left(
        ::open(entry->path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (left.number() >= 0 && try_lock(left.number()) == Locked::yes)
      ::unlink(entry->path().c_str());
  }
}

// What is taken from the modes of new files. Asking the system means to change it for a moment, in
// all threads; Linux tells.
mode_t mask_of_process() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    unsigned mask = 0;
    if (word == "Umask:" && status >> std::oct >> mask) return static_cast<mode_t>(mask);
  }
  return 077;
}

std::string link_to(int file) { return fmt::format("/proc/self/fd/{}", file); }

bool is_there(int folder, const std::string& name) {
  struct stat info {};
  return ::fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

FileLock::FileLock(const std::string& path) {
  for (;;) {
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.number() < 0) return;
    const Locked locked = try_lock(file.number());
    if (locked == Locked::by_another)
      throw Error(fmt::format("{}: is in use by another run", path));
    struct stat own {
    }, now{};
    const bool same = ::fstat(file.number(), &own) == 0 && ::stat(path.c_str(), &now) == 0 &&
                      own.st_ino == now.st_ino && own.st_dev == now.st_dev;
    if (locked == Locked::yes && !same) continue;  // it was replaced between opening and locking
    file_ = std::move(file);
    return;
  }
}

ReplacedFile::ReplacedFile(const std::string& path) : path_(behind_links(path).string()) {
  folder_ = fs::path(path_).parent_path().string();
  if (folder_.empty()) folder_ = ".";
  struct stat old {};
  const bool there = ::stat(path_.c_str(), &old) == 0;
  // Told now, although a file without a name could be written first.
  if (!there && errno == ENAMETOOLONG)
    throw Error(fmt::format("{}: cannot be written: {}", path_, std::strerror(errno)));
  if (there && !S_ISREG(old.st_mode)) {
    throw Error(fmt::format("{}: cannot be written: {}", path_,
                            S_ISDIR(old.st_mode) ? "Is a directory" : "is not a regular file"));
  }
  directory_ = Descriptor(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // A folder that may be written and not read can be used, but not flushed.
  if (directory_.number() < 0 && errno == EACCES)
    directory_ = Descriptor(::open(folder_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (directory_.number() < 0) fail();
  sweep(folder_, path_);
  file_ = Descriptor(::openat(directory_.number(), ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
  const bool cannot = errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL || errno == ENOENT;
  if (file_.number() < 0 && !cannot) fail();
  if (file_.number() >= 0 && ::access(link_to(file_.number()).c_str(), F_OK) == 0)
    try_lock(file_.number());
  else
    open_named();
}

// Where files cannot be without a name, or not be given one later.
void ReplacedFile::open_named() {
  for (;;) {
    temporary_ = temporary_name(path_);
    file_ = Descriptor(::openat(directory_.number(), temporary_.c_str(),
                                O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file_.number() < 0) {
      temporary_.clear();
      if (errno != EEXIST) fail();
      continue;
    }
    // Another's sweep may have come between.
    struct stat own {};
    if (try_lock(file_.number()) != Locked::by_another && ::fstat(file_.number(), &own) == 0 &&
        own.st_nlink > 0)
      return;
  }
}

ReplacedFile::~ReplacedFile() {
  if (!temporary_.empty()) ::unlinkat(directory_.number(), temporary_.c_str(), 0);
}

void ReplacedFile::write(const void* data, std::size_t bytes) {
  const auto* at = static_cast<const std::byte*>(data);
  while (bytes > 0) {
    const ssize_t written = ::write(file_.number(), at, bytes);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail();
    at += written;
    bytes -= static_cast<std::size_t>(written);
  }
}

void ReplacedFile::put_in_place() {
  const std::string name = fs::path(path_).filename().string();
  while (temporary_.empty()) {
    // A file that is there can be replaced by renaming only, which needs a name.
    std::string other = is_there(directory_.number(), name) ? temporary_name(path_) : name;
    const int linked = ::linkat(AT_FDCWD, link_to(file_.number()).c_str(), directory_.number(),
                                other.c_str(), AT_SYMLINK_FOLLOW);
    if (linked != 0 && errno != EEXIST) fail();
    if (linked == 0 && other == name) return;
    if (linked == 0) temporary_ = std::move(other);
  }
  if (::renameat(directory_.number(), temporary_.c_str(), directory_.number(), name.c_str()) != 0)
    fail();
  temporary_.clear();
}

FileLock ReplacedFile::commit() {
  struct stat old {};
  const mode_t mode =
      ::stat(path_.c_str(), &old) == 0 ? old.st_mode & 07777 : 0666 & ~mask_of_process();
  if (::fchmod(file_.number(), mode) != 0 || ::fsync(file_.number()) != 0) fail();
  put_in_place();
  // Some file systems cannot flush a folder, and nobody one that may not be read.
  if (::fsync(directory_.number()) != 0 && errno != EINVAL && errno != EBADF) fail();
  return FileLock(std::move(file_));
}

void ReplacedFile::fail() const {
  throw Error(fmt::format("{}: cannot be written: {}", path_, std::strerror(errno)));
}

}  // namespace tapegrad::nn
