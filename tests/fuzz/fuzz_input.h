// What the fuzz targets share. Each is a program of libFuzzer's, which calls
// LLVMFuzzerTestOneInput() with ever new bytes.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/graph/error.h>

namespace fuzz {

inline void require(bool good) {
  if (!good) std::abort();
}

// A file in memory.
class InputFile {
 public:
  InputFile() : number_(memfd_create("input", MFD_CLOEXEC)) { require(number_ >= 0); }
  ~InputFile() { close(number_); }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // Gives the path.
  std::string write(std::string_view bytes) const {
    require(ftruncate(number_, 0) == 0);
    require(pwrite(number_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
    return "/proc/self/fd/" + std::to_string(number_);
  }

 private:
  int number_;
};

// The input as text; its first byte, which says how it is read, apart.
struct Flagged {
  unsigned flags = 0;
  std::string_view text;
};
inline Flagged flagged(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return {};
  return {data[0], {reinterpret_cast<const char*>(data) + 1, size - 1}};
}

// Whether `action` accepted its input. To refuse it with an error of ours is right, too; anything
// else that is thrown, out of memory included, ends the program.
template <class Action>
bool accepted(const Action& action) {
  try {
    action();
    return true;
  } catch (const tapegrad::Error&) {
    return false;
  } catch (const tapegrad::apps::DataError&) {
    return false;
  } catch (const tapegrad::apps::OptionError&) {
    return false;
  }
}

}  // namespace fuzz
