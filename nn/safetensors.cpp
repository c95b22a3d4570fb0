#include <tapegrad/nn/safetensors.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/graph/error.h>

namespace tapegrad::nn {
namespace {

using nlohmann::json;

const char* code_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::float32:
      return "F32";
    case Dtype::float64:
      return "F64";
    case Dtype::int32:
      return "I32";
    case Dtype::int64:
      return "I64";
  }
  return "";
}

Dtype dtype_of_code(const std::string& code) {
  for (const Dtype dtype : {Dtype::float32, Dtype::float64, Dtype::int32, Dtype::int64}) {
    if (code == code_of(dtype)) return dtype;
  }
  throw Error(fmt::format("element type {} is none of F32, F64, I32, I64", code));
}

[[noreturn]] void system_error(const std::string& path, const char* action) {
  throw Error(fmt::format("{}: cannot {}: {}", path, action, std::strerror(errno)));
}

std::string header_of(const WeightFile& file) {
  json header = json::object();
  if (!file.metadata.empty()) header[weight_metadata_name] = file.metadata;
  std::uint64_t at = 0;
  const auto add = [&](const std::string& name, json entry) {
    if (name == weight_metadata_name || header.contains(name))
      throw Error(fmt::format("the name {} is taken", name));
    header[name] = std::move(entry);
  };
  for (const auto& [name, array] : file.tensors) {
    std::vector<Index> shape(array.shape().extents().begin(), array.shape().extents().end());
    add(name, {{"dtype", code_of(array.dtype())},
               {"shape", shape},
               {"data_offsets", {at, at + array.bytes()}}});
    at += array.bytes();
  }
  for (const auto& [name, bytes] : file.bytes) {
    add(name,
        {{"dtype", "U8"}, {"shape", {bytes.size()}}, {"data_offsets", {at, at + bytes.size()}}});
    at += bytes.size();
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const json::exception& error) {
    throw Error(fmt::format("names and texts must be UTF-8: {}", error.what()));
  }
  text.append((8 - text.size() % 8) % 8, ' ');  // so that the numbers are aligned
  if (text.size() > longest_weight_header)
    throw Error(fmt::format("the names and texts take {} bytes, at most {} are written",
                            text.size(), longest_weight_header));
  return text;
}

void read_at(const std::string& path, int file, std::uint64_t from, void* to, std::uint64_t bytes) {
  auto* at = static_cast<std::byte*>(to);
  for (std::uint64_t done = 0; done < bytes;) {
    const ssize_t got = ::pread(file, at + done, bytes - done, static_cast<off_t>(from + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) system_error(path, "read");
    if (got == 0)
      throw Error(fmt::format("{}: ended after {} bytes while it was read", path, from + done));
    done += static_cast<std::uint64_t>(got);
  }
}

// What is there under `key`, for a parameter of that name and shape.
template <class Weights>
auto find_weight(Weights& weights, const std::string& key, const std::string& name,
                 const Shape& shape) {
  const auto found = weights.find(key);
  if (found == weights.end())
    throw Error(fmt::format("the weights lack {} of shape {}", name, shape.to_string()));
  if (found->second.shape() != shape)
    throw Error(fmt::format("weight {} has shape {}, the model's {}", name,
                            found->second.shape().to_string(), shape.to_string()));
  return found;
}

std::string dotted(std::string name) {
  std::ranges::replace(name, '/', '.');
  return name;
}

}  // namespace

FileLock save_weights(const std::string& path, const WeightFile& file) {
  std::string header;
  try {
    header = header_of(file);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", path, error.what()));
  }
  ReplacedFile out(path);
  const std::uint64_t length = header.size();
  out.write(&length, sizeof length);
  out.write(header.data(), header.size());
  for (const auto& [name, array] : file.tensors) out.write(array.data(), array.bytes());
  for (const auto& [name, bytes] : file.bytes) out.write(bytes.data(), bytes.size());
  return out.commit();
}

WeightReader::WeightReader(const std::string& path)
    : path_(path),
      file_(::open(path.c_str(),
                   O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {  // a pipe must not keep us waiting
  const int input = file_.number();
  if (input < 0) system_error(path, "open");
  struct stat info {};
  if (::fstat(input, &info) != 0) system_error(path, "read");
  if (!S_ISREG(info.st_mode)) throw Error(fmt::format("{}: is not a regular file", path));
  const auto size = static_cast<std::uint64_t>(info.st_size);
  std::uint64_t length = 0;
  if (size < sizeof length)
    throw Error(fmt::format("{}: is no safetensors file: only {} bytes", path, size));
  read_at(path, input, 0, &length, sizeof length);
  if (length > longest_weight_header)
    throw Error(
        fmt::format("{}: is no safetensors file: its header would be {} bytes, expected at most {}",
                    path, length, longest_weight_header));
  if (length > size - sizeof length)
    throw Error(
        fmt::format("{}: is truncated: its header has {} bytes, the file {}", path, length, size));
  std::string text(length, '\0');
  read_at(path, input, sizeof length, text.data(), length);
  data_ = sizeof length + length;
  try {
    header_ = read_weight_header(text, size - data_);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", path, error.what()));
  }
}

void WeightReader::read(const WeightEntry& entry, std::uint64_t offset, void* to,
                        std::uint64_t count) const {
  read_at(path_, file_.number(), data_ + entry.begin + offset, to, count);
}

Array WeightReader::tensor(const std::string& name) const {
  const WeightEntry& entry = header_.entries.at(name);
  Array array(entry.shape, dtype_of_code(entry.dtype));
  read(entry, 0, array.data(), array.bytes());
  return array;
}

std::string WeightReader::text(const std::string& name) const {
  const WeightEntry& entry = header_.entries.at(name);
  std::string bytes(entry.end - entry.begin, '\0');
  read(entry, 0, bytes.data(), bytes.size());
  return bytes;
}

WeightFile load_weights(const std::string& path) {
  const WeightReader reader(path);
  WeightFile file{.metadata = reader.header().metadata};
  for (const auto& [name, entry] : reader.header().entries) {
    if (entry.dtype == "U8")
      file.bytes.emplace(name, reader.text(name));
    else
      file.tensors.emplace(name, reader.tensor(name));
  }
  return file;
}

std::map<std::string, Array> weights_of(const Parameters& parameters) {
  std::map<std::string, Array> weights;
  for (const Parameter& parameter : parameters) {
    const std::string name = dotted(parameter.name());
    if (!weights.emplace(name, parameter.value()).second)
      throw Error(fmt::format("two parameters have the name {} in a weight file, one of them is {}",
                              name, parameter.name()));
  }
  return weights;
}

ParameterSource weights_source(std::map<std::string, Array>& weights, std::string prefix) {
  return [&weights, prefix = std::move(prefix)](const std::string& parameter, const Shape& shape) {
    const std::string name = dotted(parameter);
    const auto found = find_weight(weights, prefix + name, name, shape);
    Array array = std::move(found->second);
    weights.erase(found);
    return array;
  };
}

void set_weights(Parameters& parameters, const std::map<std::string, Array>& weights,
                 const std::string& others) {
  std::set<std::string> known;
  for (const Parameter& parameter : parameters) {
    const std::string name = dotted(parameter.name());
    find_weight(weights, name, name, parameter.shape());
    known.insert(name);
  }
  for (const auto& [name, array] : weights) {
    if (known.contains(name) || (!others.empty() && name.starts_with(others)) ||
        name.ends_with("num_batches_tracked"))
      continue;
    throw Error(fmt::format("the model has no parameter for weight {} of shape {}", name,
                            array.shape().to_string()));
  }
  for (Parameter& parameter : parameters) parameter.assign(weights.at(dotted(parameter.name())));
}

}  // namespace tapegrad::nn
