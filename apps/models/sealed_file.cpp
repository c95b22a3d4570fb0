#include <tapegrad/apps/models/sealed_file.h>

#include <zlib.h>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/graph/error.h>

namespace tapegrad::apps {
namespace {

constexpr const char* checksum_name = "crc32";
constexpr const char* row_checksums_suffix = ".row_crc32";

class Checksum {
 public:
  void add(const void* bytes, std::size_t count) {
    value_ = crc32_z(value_, static_cast<const Bytef*>(bytes), count);
  }
  void add(const std::string& text) {
    const std::uint64_t length = text.size();
    add(&length, sizeof length);
    add(text.data(), text.size());
  }
  Index value() const { return static_cast<Index>(value_); }
  std::string text() const { return fmt::format("{:08x}", value_); }

 private:
  uLong value_ = crc32_z(0, nullptr, 0);
};

Index checksum_of_row(std::span<const float> row) {
  Checksum checksum;
  checksum.add(row.data(), row.size_bytes());
  return checksum.value();
}

// Rows that have checksums of their own are left out: the file's covers these.
std::string checksum_of(const nn::WeightFile& file) {
  Checksum checksum;
  for (const auto& [name, value] : file.metadata) {
    if (name == checksum_name) continue;
    checksum.add(name);
    checksum.add(value);
  }
  for (const auto& [name, array] : file.tensors) {
    if (file.tensors.contains(name + row_checksums_suffix)) continue;
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

OpenSealedFile open_sealed(const std::string& path) {
  OpenSealedFile file{.contents = {}, .reader = std::make_shared<const nn::WeightReader>(path)};
  const nn::WeightReader& reader = *file.reader;
  file.contents.metadata = reader.header().metadata;
  for (const auto& [name, entry] : reader.header().entries) {
    if (reader.header().entries.contains(name + row_checksums_suffix)) continue;
    if (entry.dtype == "U8")
      file.contents.bytes.emplace(name, reader.text(name));
    else
      file.contents.tensors.emplace(name, reader.tensor(name));
  }
  const auto kept = file.contents.metadata.find(checksum_name);
  if (kept == file.contents.metadata.end()) return file;
  if (const std::string own = checksum_of(file.contents); own != kept->second)
    throw DataError(fmt::format("{}: is damaged: expected a checksum of {}, its contents have {}",
                                path, kept->second, own));
  return file;
}

nn::WeightFile load_sealed(const std::string& path) { return open_sealed(path).contents; }

bool has_format(const std::string& path, const std::string& format) {
  try {
    const nn::WeightReader reader(path);
    const auto found = reader.header().metadata.find("format");
    return found != reader.header().metadata.end() && found->second.starts_with(format);
  } catch (const Error&) {
    return false;
  }
}

void put_rows(nn::WeightFile& file, const std::string& name, Array matrix) {
  const auto rows = static_cast<std::size_t>(matrix.shape().rows()),
             columns = static_cast<std::size_t>(matrix.shape().columns());
  Array checksums({matrix.shape().rows()}, Dtype::int64);
  for (std::size_t row = 0; row < rows; ++row)
    checksums.values<Index>()[row] =
        checksum_of_row(std::as_const(matrix).values<float>().subspan(row * columns, columns));
  file.tensors.emplace(name + row_checksums_suffix, std::move(checksums));
  file.tensors.emplace(name, std::move(matrix));
}

SealedRows::SealedRows(std::shared_ptr<const nn::WeightReader> file, const std::string& name)
    : file_(std::move(file)), name_(name), entry_([&] {
        const auto found = file_->header().entries.find(name);
        if (found == file_->header().entries.end() || found->second.dtype != "F32" ||
            found->second.shape.rank() != 2)
          throw Error(fmt::format("it lacks {}, a matrix of F32", name));
        return found->second;
      }()) {
  const std::string checksums = name + row_checksums_suffix;
  const auto found = file_->header().entries.find(checksums);
  if (found == file_->header().entries.end() || found->second.dtype != "I64" ||
      found->second.shape != Shape{shape().rows()})
    throw Error(fmt::format("it lacks {} of shape {}, the checksums of the rows of {}", checksums,
                            Shape{shape().rows()}.to_string(), name));
  checksums_ = file_->tensor(checksums);
  rows_.resize(static_cast<std::size_t>(shape().rows()));
}

std::span<const float> SealedRows::row(Index row) const {
  const std::lock_guard lock(mutex_);
  std::vector<float>& numbers = rows_.at(static_cast<std::size_t>(row));
  if (!numbers.empty()) return numbers;
  std::vector<float> read(static_cast<std::size_t>(shape().columns()));
  const std::span<const float> span(read);
  file_->read(entry_, static_cast<std::uint64_t>(row) * span.size_bytes(), read.data(),
              span.size_bytes());
  const Index expected = checksums_.values<Index>()[static_cast<std::size_t>(row)];
  if (const Index own = checksum_of_row(span); own != expected)
    throw DataError(fmt::format(
        "{}: is damaged: expected a checksum of {:08x} of row {} of {}, its numbers have {:08x}",
        file_->path(), expected, row, name_, own));
  numbers = std::move(read);
  return numbers;
}

}  // namespace tapegrad::apps
