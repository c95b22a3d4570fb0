#include <tapegrad/graph/random.h>

#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>

namespace tapegrad {
namespace {

constexpr std::uint32_t low_word(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
constexpr std::uint32_t high_word(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32);
}

}  // namespace

Random::Random(std::uint64_t seed, std::uint64_t stream)
    : key_{low_word(seed), high_word(seed)}, stream_{low_word(stream), high_word(stream)} {}

std::uint32_t Random::bits() {
  const std::size_t within = position_ % 4;
  if (within == 0) {
    const std::uint64_t block = position_ / 4;
    block_ = philox(key_, {low_word(block), high_word(block), stream_[0], stream_[1]});
  }
  ++position_;
  return block_[within];
}

void Random::seek(std::uint64_t position) {
  position_ = position;
  if (position % 4 != 0) {
    const std::uint64_t block = position / 4;
    block_ = philox(key_, {low_word(block), high_word(block), stream_[0], stream_[1]});
  }
}

double Random::uniform(double low, double high) {
  const std::uint64_t first = bits();
  const std::uint64_t word = first << 32 | bits();
  return low + (high - low) * (static_cast<double>(word >> 11) * 0x1p-53);
}

double Random::normal() {
  const double radius = std::sqrt(-2.0 * std::log1p(-uniform(0.0, 1.0)));
  return radius * std::cos(2.0 * std::numbers::pi * uniform(0.0, 1.0));
}

Index Random::below(Index count) {
  if (count <= 0)
    throw ValueError(fmt::format("Random::below: the count must be positive, got {}", count));
  const std::uint64_t first = bits();
  const std::uint64_t word = first << 32 | bits();
  __extension__ using Wide = unsigned __int128;
  return static_cast<Index>(
      static_cast<std::uint64_t>(static_cast<Wide>(word) * static_cast<Wide>(count) >> 64));
}

std::uint64_t stable_hash(std::span<const char> text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char letter : text)
    hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3u;
  return hash;
}

}  // namespace tapegrad
