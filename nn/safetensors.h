// Weight files: the safetensors format, which Python reads and writes too.
#pragma once

#include <map>
#include <string>

#include <tapegrad/graph/array.h>
#include <tapegrad/graph/parameters.h>
#include <tapegrad/nn/replaced_file.h>

namespace tapegrad::nn {

// Format: 8 bytes of length, a JSON header {name: {dtype, shape, data_offsets}, "__metadata__": {key: text}}, then the bytes.
// Source: github.com/huggingface/safetensors, README. Files are little-endian; so are the machines that this is for.
struct WeightFile {
  std::map<std::string, Array> tensors = {};      // F32, F64, I32, I64
  std::map<std::string, std::string> bytes = {};  // U8 of one axis: texts
  std::map<std::string, std::string> metadata = {};
};

// After an error the old file is as it was (ReplacedFile). Gives a lock on the new one. Throws Error with the system's reason, or
// for names and texts that the format cannot hold.
FileLock save_weights(const std::string& path, const WeightFile& file);
// Reads the header, checks all of it (read_weight_header), and then takes memory for what it names: as much as the file has.
// Throws Error for a file that cannot be read, is truncated, or is none; says what was wrong and at which tensor.
WeightFile load_weights(const std::string& path);

// The parameters of a model by name, "/" written as "." as PyTorch does; settled. Throws Error where that gives two one name.
std::map<std::string, Array> weights_of(const Parameters& parameters);
// Numbers for parameters that are to be made (Parameters): moves out of `weights`, which must live as long, what is named
// `prefix` and the parameter's name, "/" written as ".". Throws Error for a name that is missing, and a shape or element type
// that differs.
ParameterSource weights_source(std::map<std::string, Array>& weights, std::string prefix = "");
// Sets every parameter, or none: throws Error for a missing name, a shape that differs, or a name that no parameter has unless it
// starts with `others` (what else the file holds) or is PyTorch's count of batches in a normalisation, which nothing here needs.
void set_weights(Parameters& parameters, const std::map<std::string, Array>& weights, const std::string& others = "");

}  // namespace tapegrad::nn
