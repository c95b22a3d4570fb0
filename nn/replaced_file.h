// Files that are written whole or not at all, and locks on them.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

namespace tapegrad::nn {

// An open file or folder, closed at the end; -1 for none.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();
  int number() const { return number_; }

 private:
  int number_;
};

// Says that a file is in use, to everybody else who asks with a FileLock. The end of the process
// ends it as well.
class FileLock {
 public:
  // Locks nothing.
  FileLock() = default;
  // Locks the file, if it is there. Throws Error where somebody else has it locked. Some network
  // file systems have no locks: there nothing is locked, and nothing refused.
  explicit FileLock(const std::string& path);

 private:
  friend class ReplacedFile;
  explicit FileLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

// Writes to a file without a name, which commit() flushes to the disk and puts in the place of
// `path` (behind links). Without a commit, or after an error, the old file is as it was and nothing
// else is left. A process that is killed leaves nothing either, or in the moment of the
// replacement, and where files cannot be without a name, a file .NAME.NUMBER.tmp, which the next
// ReplacedFile of that path removes. Until the commit only the owner may read the file; then it
// gets the mode of the file that it replaces, or the one that the process gives new files. Throws
// Error with the system's reason, and where `path` is there but no regular file.
class ReplacedFile {
 public:
  explicit ReplacedFile(const std::string& path);
  ~ReplacedFile();
  ReplacedFile(const ReplacedFile&) = delete;
  ReplacedFile& operator=(const ReplacedFile&) = delete;

  void write(const void* data, std::size_t bytes);
  // Gives a lock on the new file, which is locked before it can be found under its name. Where the
  // error is of the folder's flushing, the new file is there, but might not outlive a power
  // failure.
  FileLock commit();

 private:
  [[noreturn]] void fail() const;
  void open_named();
  void put_in_place();

  std::string path_;       // behind links
  std::string folder_;     // of it
  std::string temporary_;  // the file's name for now; empty for none
  Descriptor directory_;
  Descriptor file_;
};

}  // namespace tapegrad::nn
