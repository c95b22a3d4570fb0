#pragma once

#include <tapegrad/graph/dtype.h>
#include <bit>
#include <cstdint>
#include <string_view>

namespace tapegrad::apps {

// The finalizer of SplitMix64 (Steele, Lea and Flood 2014): a bijection that spreads every input
// bit over the result.
constexpr std::uint64_t mix_bits(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31U);
}

// A hash of two numbers that depends on their order, the same on every machine; nest it for more.
constexpr std::uint64_t combine_bits(std::uint64_t first, std::uint64_t second) {
  return mix_bits(mix_bits(first) ^ second);
}

// FNV-1a with 64 bits; numbers go in as little-endian bytes, so the result is the same on every
// machine.
class StableHash {
 public:
  void add_number(std::uint64_t value, int bytes = 8) {
    for (int i = 0; i < bytes; ++i) add_byte((value >> (8 * i)) & 0xFFU);
  }

  // The length goes in too, so that "ab", "c" differs from "a", "bc".
  void add_text(std::string_view text) {
    add_number(text.size());
    for (const char character : text) add_byte(static_cast<unsigned char>(character));
  }

  void add_index(Index value) { add_number(static_cast<std::uint64_t>(value)); }
  void add_int(std::int32_t value) { add_number(static_cast<std::uint32_t>(value), 4); }
  void add_float(float value) { add_number(std::bit_cast<std::uint32_t>(value), 4); }
  void add_double(double value) { add_number(std::bit_cast<std::uint64_t>(value)); }

  std::uint64_t value() const { return value_; }

 private:
  void add_byte(std::uint64_t byte) { value_ = (value_ ^ byte) * 0x100000001B3ULL; }

  std::uint64_t value_ = 0xCBF29CE484222325ULL;
};

}  // namespace tapegrad::apps
