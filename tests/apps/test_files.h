#pragma once

#include <zlib.h>

#include <unistd.h>
#include <atomic>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace tapegrad::apps {

// A directory of its own for each test case, removed at the end.
class TestFiles {
 public:
  TestFiles() {
    static std::atomic<int> counter = 0;
    const std::string name =
        "tapegrad-test-" + std::to_string(getpid()) + "-" + std::to_string(counter++);
    directory_ = std::filesystem::temp_directory_path() / name;
    std::filesystem::create_directories(directory_);
  }
  ~TestFiles() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  TestFiles(const TestFiles&) = delete;
  TestFiles& operator=(const TestFiles&) = delete;

  std::string path(std::string_view name) const { return (directory_ / name).string(); }
  std::string directory() const { return directory_.string(); }

  // Writes the bytes as they are and returns the path.
  std::string write(std::string_view name, std::string_view bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }

  // Writes the bytes as a gzip file and returns the path.
  std::string write_gzip(std::string_view name, std::string_view bytes) const {
    gzFile file = gzopen(path(name).c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
    return path(name);
  }

 private:
  std::filesystem::path directory_;
};

// What `action` throws says; "" when it throws nothing.
template <typename Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

}  // namespace tapegrad::apps
