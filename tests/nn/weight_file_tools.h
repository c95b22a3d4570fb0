// Files for the tests of weight files: a folder that goes away, and a reader written from the
// format's description.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace weight_file {

class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() /
              ("tapegrad-weights-" + std::to_string(getpid()))) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_),
                                                  std::filesystem::directory_iterator()));
  }

 private:
  std::filesystem::path path_;
};

inline std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::string write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

// A file of this header and these data.
inline std::string assembled(const std::string& header, const std::string& data) {
  const std::uint64_t length = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + data;
}

// One tensor, read with no help from the library. Names must not need JSON's escapes.
struct Entry {
  std::string dtype;
  std::vector<long> shape;
  std::string bytes;
};

inline std::vector<long> numbers_in_brackets(const std::string& text, const std::string& key) {
  const std::size_t open = text.find('[', text.find("\"" + key + "\"")) + 1;
  std::istringstream list(text.substr(open, text.find(']', open) - open));
  std::vector<long> numbers;
  for (std::string item; std::getline(list, item, ',');) numbers.push_back(std::stol(item));
  return numbers;
}

inline Entry read(const std::string& file, const std::string& name) {
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), 8);
  const std::string header = file.substr(8, length);
  const std::size_t at = header.find("\"" + name + "\":{");
  if (header.at(0) != '{' || at == std::string::npos) return {};
  const std::string text =
      header.substr(at + name.size() + 3, header.find('}', at) - at - name.size() - 3);
  const std::size_t code = text.find('"', text.find("\"dtype\"") + 7) + 1;
  const std::vector<long> offsets = numbers_in_brackets(text, "data_offsets");
  const auto begin = static_cast<std::size_t>(offsets.at(0));
  const auto end = static_cast<std::size_t>(offsets.at(1));
  return {text.substr(code, text.find('"', code) - code), numbers_in_brackets(text, "shape"),
          file.substr(8 + length + begin, end - begin)};
}

}  // namespace weight_file
