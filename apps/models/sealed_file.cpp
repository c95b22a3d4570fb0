#include <tapegrad/apps/models/sealed_file.h>

#include <zlib.h>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

constexpr const char* checksum_name = "crc32";

class Checksum {
 public:
  void add(const void* bytes, std::size_t count) { value_ = crc32_z(value_, static_cast<const Bytef*>(bytes), count); }
  void add(const std::string& text) {
    const std::uint64_t length = text.size();
    add(&length, sizeof length);
    add(text.data(), text.size());
  }
  std::string text() const { return fmt::format("{:08x}", value_); }

 private:
  uLong value_ = crc32_z(0, nullptr, 0);
};

std::string checksum_of(const nn::WeightFile& file) {
  Checksum checksum;
  for (const auto& [name, value] : file.metadata) {
    if (name == checksum_name) continue;
    checksum.add(name);
    checksum.add(value);
  }
  for (const auto& [name, array] : file.tensors) {
    checksum.add(name);
    checksum.add(std::string(name_of(array.dtype())) + array.shape().to_string());
    checksum.add(array.data(), array.bytes());
  }
  for (const auto& [name, bytes] : file.bytes) {
    checksum.add(name);
    checksum.add(bytes);
  }
  return checksum.text();
}

}  // namespace

nn::FileLock save_sealed(const std::string& path, nn::WeightFile file) {
  file.metadata[checksum_name] = checksum_of(file);
  return nn::save_weights(path, file);
}

nn::WeightFile load_sealed(const std::string& path) {
  nn::WeightFile file = nn::load_weights(path);
  const auto kept = file.metadata.find(checksum_name);
  if (kept == file.metadata.end()) return file;
  if (const std::string own = checksum_of(file); own != kept->second)
    throw DataError(fmt::format("{}: is damaged: expected a checksum of {}, its contents have {}", path, kept->second, own));
  return file;
}

}  // namespace tapegrad::apps
