// Weight files: the safetensors format, which Python reads and writes too.
#pragma once

#include <map>
#include <string>

#include <tapegrad/graph/array.h>
#include <tapegrad/graph/parameters.h>
#include <tapegrad/nn/replaced_file.h>
#include <tapegrad/nn/weight_header.h>

namespace tapegrad::nn {

// Format: 8 bytes of length, a JSON header {name: {dtype, shape, data_offsets}, "__metadata__":
// {key: text}}, then the bytes. Source: github.com/huggingface/safetensors, README. Files are
// little-endian; so are the machines that this is for.
struct WeightFile {
  std::map<std::string, Array> tensors = {};      // F32, F64, I32, I64
  std::map<std::string, std::string> bytes = {};  // U8 of one axis: texts
  std::map<std::string, std::string> metadata = {};
};

// After an error the old file is as it was (ReplacedFile). Gives a lock on the new one. Throws
// Error with the system's reason, or for names and texts that the format cannot hold.
FileLock save_weights(const std::string& path, const WeightFile& file);

// A weight file that is open, whose tensors are read one by one.
class WeightReader {
 public:
  // Reads the header and checks all of it (read_weight_header). Throws Error for a file that cannot
  // be read, is truncated, or is none; says what was wrong and at which tensor.
  explicit WeightReader(const std::string& path);

  const std::string& path() const { return path_; }
  const WeightHeader& header() const { return header_; }

  // The tensor with that name, which the header must have: one of numbers, or the bytes of a text
  // (U8). They throw Error with the system's reason.
  Array tensor(const std::string& name) const;
  std::string text(const std::string& name) const;
  // Reads bytes [offset, offset + count) of that tensor. Several threads may read at once.
  void read(const WeightEntry& entry, std::uint64_t offset, void* to, std::uint64_t count) const;

 private:
  std::string path_;
  Descriptor file_;
  std::uint64_t data_ = 0;  // where the tensors begin in the file
  WeightHeader header_;
};

// Reads all of a file. Takes as much memory as the file has. Throws Error as WeightReader does.
WeightFile load_weights(const std::string& path);

// The parameters of a model by name, "/" written as "." as PyTorch does; settled. Throws Error
// where that gives two one name.
std::map<std::string, Array> weights_of(const Parameters& parameters);
// Numbers for parameters that are to be made (Parameters): moves out of `weights`, which must live
// as long, what is named `prefix` and the parameter's name, "/" written as ".". Throws Error for a
// name that is missing, and a shape or element type that differs.
ParameterSource weights_source(std::map<std::string, Array>& weights, std::string prefix = "");
// Sets every parameter, or none: throws Error for a missing name, a shape that differs, or a name
// that no parameter has unless it starts with `others` (what else the file holds) or is PyTorch's
// count of batches in a normalisation, which nothing here needs.
void set_weights(Parameters& parameters, const std::map<std::string, Array>& weights,
                 const std::string& others = "");

}  // namespace tapegrad::nn
