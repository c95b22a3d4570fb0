// Weight files with checksums of all that they hold.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <tapegrad/nn/safetensors.h>

namespace tapegrad::apps {

// nn::save_weights() with the metadata "crc32" added: the checksum of all tensors, texts and
// metadata.
nn::FileLock save_sealed(const std::string& path, nn::WeightFile file);
// Throws as nn::load_weights() does, and DataError for a file whose checksum is not that of its
// contents. Files without one pass.
nn::WeightFile load_sealed(const std::string& path);

// Whether the metadata "format" of a file begins so; false for a file that cannot be read, too.
bool has_format(const std::string& path, const std::string& format);

// A matrix of float32 in a sealed file, of which a reader mostly wants a few rows. Each row has a
// checksum of its own, in the tensor NAME.row_crc32, and the file's checksum leaves out the rows. A
// row is read and checked when it is first wanted.
class SealedRows {
 public:
  // Throws Error unless the file has a matrix of that name and the checksums of its rows.
  SealedRows(std::shared_ptr<const nn::WeightReader> file, const std::string& name);

  const Shape& shape() const { return entry_.shape; }
  // Throws DataError for a row whose checksum is not that of its numbers. Several threads may ask
  // at once.
  std::span<const float> row(Index row) const;

 private:
  const std::shared_ptr<const nn::WeightReader> file_;
  const std::string name_;
  const nn::WeightEntry entry_;
  Array checksums_;
  mutable std::mutex mutex_;
  mutable std::vector<std::vector<float>> rows_;  // empty until they are read
};

// Adds a matrix of float32 to a file that is to be sealed, with the checksums of its rows.
void put_rows(nn::WeightFile& file, const std::string& name, Array matrix);

// What load_sealed() gives, without the matrices that put_rows() added, and the open file to read
// these from.
struct OpenSealedFile {
  nn::WeightFile contents;
  std::shared_ptr<const nn::WeightReader> reader;
};
OpenSealedFile open_sealed(const std::string& path);

}  // namespace tapegrad::apps
