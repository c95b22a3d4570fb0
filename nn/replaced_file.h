// A file that is written whole or not at all.
#pragma once

#include <cstddef>
#include <string>

namespace tapegrad::nn {

// Writes to a temporary file beside `path` (behind links), which commit() flushes to the disk and renames. Without a commit, or
// after an error, the old file is as it was and nothing else is left. A new file gets the mode that the process gives new files,
// one that replaces another the other's. Throws Error with the system's reason.
class ReplacedFile {
 public:
  explicit ReplacedFile(const std::string& path);
  ~ReplacedFile();
  ReplacedFile(const ReplacedFile&) = delete;
  ReplacedFile& operator=(const ReplacedFile&) = delete;

  void write(const void* data, std::size_t bytes);
  void commit();

 private:
  [[noreturn]] void fail() const;

  std::string path_, temporary_;
  int descriptor_ = -1;
};

}  // namespace tapegrad::nn
