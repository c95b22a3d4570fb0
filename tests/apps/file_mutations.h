// Weight files taken apart and put together again, with something wrong.
#pragma once

#include <doctest/doctest.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <tapegrad/nn/safetensors.h>

namespace file_mutations {

namespace tg = tapegrad;

// The header, and the bytes that it describes.
struct RawFile {
  nlohmann::json header;
  std::string data;
};

inline RawFile read_raw(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  std::uint64_t length = 0;
  REQUIRE(bytes.size() > sizeof length);
  std::memcpy(&length, bytes.data(), sizeof length);
  RawFile file{nlohmann::json::parse(bytes.substr(8, length)), bytes.substr(8 + length)};
  file.header["__metadata__"].erase("crc32");  // which would refuse all that is changed
  return file;
}

inline void write_raw(const std::string& path, const RawFile& file) {
  const std::string header = file.header.dump();
  const std::uint64_t length = header.size();
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<const char*>(&length), sizeof length);
  out << header << file.data;
}

// A tensor's wrong forms: one more row, an axis more, and the same bytes as another type.
inline std::vector<tg::Array> wrong_forms(const tg::Array& array) {
  std::vector<tg::Index> longer(array.shape().extents().begin(), array.shape().extents().end()),
      deeper = longer;
  if (longer.empty())
    longer.push_back(2);
  else
    ++longer[0];
  deeper.insert(deeper.begin(), 1);
  const tg::Dtype other = array.dtype() == tg::Dtype::float64 ? tg::Dtype::int64
                          : array.dtype() == tg::Dtype::int64 ? tg::Dtype::float64
                          : array.dtype() == tg::Dtype::int32 ? tg::Dtype::float32
                                                              : tg::Dtype::int32;
  return {tg::Array(tg::Shape(std::span<const tg::Index>(longer)), array.dtype()),
          tg::Array(tg::Shape(std::span<const tg::Index>(deeper)), array.dtype()),
          tg::Array(array.shape(), other)};
}

// The greatest memory, in bytes, of a process of its own that runs `action`, which must not fail.
template <class Action>
long memory_of(const Action& action) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    action();
    _exit(0);
  }
  int status = -1;
  rusage used{};
  CHECK(wait4(child, &status, 0, &used) == child);
  CHECK(WIFEXITED(status));
  return used.ru_maxrss * 1024L;
}

}  // namespace file_mutations
