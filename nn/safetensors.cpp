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
#include <tapegrad/nn/replaced_file.h>

namespace tapegrad::nn {
namespace {

using nlohmann::json;

constexpr std::uint64_t longest_header = 100'000'000;  // the format's own bound
constexpr const char* metadata_name = "__metadata__";

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

// An open file that is closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

std::string header_of(const WeightFile& file) {
  json header = json::object();
  if (!file.metadata.empty()) header[metadata_name] = file.metadata;
  std::uint64_t at = 0;
  const auto add = [&](const std::string& name, json entry) {
    if (name == metadata_name || header.contains(name)) throw Error(fmt::format("the name {} is taken", name));
    header[name] = std::move(entry);
  };
  for (const auto& [name, array] : file.tensors) {
    std::vector<Index> shape(array.shape().extents().begin(), array.shape().extents().end());
    add(name, {{"dtype", code_of(array.dtype())}, {"shape", shape}, {"data_offsets", {at, at + array.bytes()}}});
    at += array.bytes();
  }
  for (const auto& [name, bytes] : file.bytes) {
    add(name, {{"dtype", "U8"}, {"shape", {bytes.size()}}, {"data_offsets", {at, at + bytes.size()}}});
    at += bytes.size();
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const json::exception& error) {
    throw Error(fmt::format("names and texts must be UTF-8: {}", error.what()));
  }
  text.append((8 - text.size() % 8) % 8, ' ');  // so that the numbers are aligned
  return text;
}

// The bytes that an entry names.
std::span<const std::byte> bytes_of_entry(const json& entry, std::span<const std::byte> data) {
  const auto offsets = entry.at("data_offsets").get<std::vector<std::uint64_t>>();
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data.size()) {
    throw Error(fmt::format("its bytes lie outside of the file's {}", data.size()));
  }
  return data.subspan(offsets[0], offsets[1] - offsets[0]);
}

// Puts a tensor into the file; returns the bytes that it was.
std::span<const std::byte> read_entry(const std::string& name, const json& entry, std::span<const std::byte> data,
                                      WeightFile& file) {
  const auto bytes = bytes_of_entry(entry, data);
  const auto code = entry.at("dtype").get<std::string>();
  const auto extents = entry.at("shape").get<std::vector<Index>>();
  const Shape shape{std::span<const Index>(extents)};
  const std::size_t element = code == "U8" ? 1 : size_of(dtype_of_code(code));
  if (static_cast<std::uint64_t>(shape.size()) != bytes.size() / element || bytes.size() % element != 0) {
    throw Error(fmt::format("{} bytes do not hold shape {} of {}", bytes.size(), shape.to_string(), code));
  }
  if (code == "U8") {
    file.bytes.emplace(name, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    return bytes;
  }
  Array array(shape, dtype_of_code(code));
  if (!bytes.empty()) std::memcpy(array.data(), bytes.data(), bytes.size());
  file.tensors.emplace(name, std::move(array));
  return bytes;
}

// Whether the parts follow each other from the data's beginning to its end.
bool share_out(std::vector<std::span<const std::byte>> parts, std::span<const std::byte> data) {
  std::ranges::sort(parts, {}, [](const auto& part) { return std::pair(part.data(), part.size()); });
  const std::byte* at = data.data();
  for (const auto& part : parts) {
    if (part.data() != at) return false;
    at += part.size();
  }
  return at == data.data() + data.size();
}

std::vector<std::byte> read_all(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // a pipe must not keep us waiting
  if (file.number() < 0) system_error(path, "open");
  struct stat info {};
  if (::fstat(file.number(), &info) != 0) system_error(path, "read");
  if (!S_ISREG(info.st_mode)) throw Error(fmt::format("{}: is not a regular file", path));
  std::vector<std::byte> bytes(static_cast<std::size_t>(info.st_size));
  std::size_t read = 0;
  while (read < bytes.size()) {
    const ssize_t got = ::read(file.number(), bytes.data() + read, bytes.size() - read);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) system_error(path, "read");
    if (got == 0) throw Error(fmt::format("{}: ended after {} of {} bytes", path, read, bytes.size()));
    read += static_cast<std::size_t>(got);
  }
  return bytes;
}

std::string dotted(std::string name) {
  std::ranges::replace(name, '/', '.');
  return name;
}

}  // namespace

void save_weights(const std::string& path, const WeightFile& file) {
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
  out.commit();
}

WeightFile load_weights(const std::string& path) {
  const std::vector<std::byte> bytes = read_all(path);
  std::uint64_t length = 0;
  if (bytes.size() < sizeof length) throw Error(fmt::format("{}: is no safetensors file: only {} bytes", path, bytes.size()));
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > longest_header) throw Error(fmt::format("{}: is no safetensors file: its header would be {} bytes", path, length));
  if (length > bytes.size() - sizeof length)
    throw Error(fmt::format("{}: is truncated: its header has {} bytes, the file {}", path, length, bytes.size()));
  const std::size_t start = sizeof length + length;
  const auto* text = reinterpret_cast<const char*>(bytes.data()) + sizeof length;
  const json header = json::parse(text, text + length, nullptr, false);
  if (!header.is_object()) throw Error(fmt::format("{}: is no safetensors file: its header is not a JSON object", path));
  WeightFile file;
  const auto data = std::span(bytes).subspan(start);
  std::vector<std::span<const std::byte>> parts;
  for (const auto& [name, entry] : header.items()) {
    try {
      if (name == metadata_name)
        file.metadata = entry.get<std::map<std::string, std::string>>();
      else
        parts.push_back(read_entry(name, entry, data, file));
    } catch (const std::exception& error) {
      throw Error(fmt::format("{}: tensor {}: {}", path, name, error.what()));
    }
  }
  if (!share_out(std::move(parts), data)) {
    throw Error(fmt::format("{}: its tensors do not share out the file's {} bytes", path, data.size()));
  }
  return file;
}

std::map<std::string, Array> weights_of(const Parameters& parameters) {
  std::map<std::string, Array> weights;
  for (const Parameter& parameter : parameters) {
    const std::string name = dotted(parameter.name());
    if (!weights.emplace(name, parameter.value()).second)
      throw Error(fmt::format("two parameters have the name {} in a weight file, one of them is {}", name, parameter.name()));
  }
  return weights;
}

void set_weights(Parameters& parameters, const std::map<std::string, Array>& weights, const std::string& others) {
  std::set<std::string> known;
  for (const Parameter& parameter : parameters) {
    const std::string name = dotted(parameter.name());
    const auto found = weights.find(name);
    if (found == weights.end()) throw Error(fmt::format("the weights lack {} of shape {}", name, parameter.shape().to_string()));
    if (found->second.shape() != parameter.shape()) {
      throw Error(fmt::format("weight {} has shape {}, the model's {}", name, found->second.shape().to_string(),
                              parameter.shape().to_string()));
    }
    known.insert(name);
  }
  for (const auto& [name, array] : weights) {
    if (known.contains(name) || (!others.empty() && name.starts_with(others)) || name.ends_with("num_batches_tracked")) continue;
    throw Error(fmt::format("the model has no parameter for weight {} of shape {}", name, array.shape().to_string()));
  }
  for (Parameter& parameter : parameters) parameter.assign(weights.at(dotted(parameter.name())));
}

}  // namespace tapegrad::nn
