// The header of a weight file, which says what its bytes are.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <tapegrad/graph/shape.h>

namespace tapegrad::nn {

struct WeightEntry {
  std::string dtype;  // "F32", "F64", "I32", "I64", "U8"
  Shape shape;
  std::uint64_t begin = 0, end = 0;  // of its bytes, among the data
};

struct WeightHeader {
  std::map<std::string, WeightEntry> entries;
  std::map<std::string, std::string> metadata;
};

// A header of this many bytes at most is read and written. Those of large models have some 100
// bytes a tensor.
inline constexpr std::uint64_t longest_weight_header = std::uint64_t{1} << 24;
inline constexpr const char* weight_metadata_name = "__metadata__";

// Reads the JSON text as it comes, without a tree of it, so that memory is in proportion to the
// text. Throws Error, naming the tensor, for what is no such header: other values, numbers that are
// no whole ones within a Shape's bounds, names that come twice, element types that are not known,
// and bytes that are not as many as the shape says, lie outside of the `data_bytes`, are shared by
// two tensors or named by none.
WeightHeader read_weight_header(std::string_view text, std::uint64_t data_bytes);

// The bytes of one element; 0 for a type that is not known.
std::uint64_t element_bytes(const std::string& dtype);

}  // namespace tapegrad::nn
