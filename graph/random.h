// Random numbers that are a function of a key and a counter, so that they do not depend on threads
// or on order.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include <tapegrad/graph/dtype.h>

namespace tapegrad {

// Philox4x32-10: four random words for a 64-bit key and a 128-bit counter.
// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 2> key,
                                              std::array<std::uint32_t, 4> counter) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53u} * counter[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57u} * counter[2];
    counter = {
        static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
        static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

// A stream of numbers: two streams of one seed are independent. A small value; copying it copies
// its place in the stream.
class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0);

  std::uint32_t bits();
  // Uniform in [0, 1), with 24 random bits.
  float uniform() { return static_cast<float>(bits() >> 8) * 0x1p-24f; }
  // Uniform in [low, high).
  double uniform(double low, double high);
  // Standard normal (Box and Muller).
  double normal();
  // Uniform in [0, count); throws ValueError unless count is positive (Lemire's multiplication,
  // without his rejection: bias below count / 2^64).
  Index below(Index count);

  template <class T>
  void shuffle(std::span<T> values) {
    for (std::size_t i = values.size(); i > 1; --i) {
      using std::swap;
      swap(values[i - 1], values[static_cast<std::size_t>(below(static_cast<Index>(i)))]);
    }
  }

  // How many words were drawn; with seed and stream it is the whole state.
  std::uint64_t position() const { return position_; }
  void seek(std::uint64_t position);

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 2> stream_;
  std::uint64_t position_ = 0;
  std::array<std::uint32_t, 4> block_{};
};

// A 64-bit hash of a name, the same on every machine (FNV-1a).
std::uint64_t stable_hash(std::span<const char> text);

}  // namespace tapegrad
