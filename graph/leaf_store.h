// The run-time side of leaves: where a tape's inputs, ids, scalars and parameters are.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <tapegrad/graph/buffer.h>
#include <tapegrad/graph/parameters.h>
#include <tapegrad/graph/structure.h>

namespace tapegrad {

struct Leaf {
  enum class Kind : std::uint8_t { copied, borrowed, parameter };
  NodeId node = no_node;
  Kind kind = Kind::copied;
  std::uint16_t owner = 0;               // of the parameter: a number plus one
  std::uint32_t external = 0;            // borrowed and parameter: the number among these
  std::uint64_t offset = 0;              // copied: into the store's bytes
  const void* pointer = nullptr;         // borrowed
  const Parameter* parameter = nullptr;  // also of a copied leaf, if the copy is of a parameter
  std::uint64_t version = 0;             // the parameter's, when recorded
  Index least = 0, greatest = -1;        // of ids
};

// Leaves of one recording, in order. Offsets depend on the structure alone, so plans may hold them.
class LeafStore {
 public:
  void clear();
  // Makes room for a copy; the caller fills it before the next call.
  std::byte* add_copied(NodeId node, std::size_t bytes);
  void add_borrowed(NodeId node, const void* pointer);
  void add_parameter(NodeId node, const Parameter& parameter);

  std::uint32_t size() const { return static_cast<std::uint32_t>(leaves_.size()); }
  const Leaf& operator[](std::uint32_t leaf) const { return leaves_[leaf]; }
  Leaf& back() { return leaves_.back(); }
  std::byte* bytes() { return bytes_.data(); }
  // The numbers of a leaf as they stand.
  const std::byte* data(const Leaf& leaf) const;
  // Numbers of the leaves that are not copies.
  const std::vector<std::uint32_t>& externals() const { return externals_; }

  // Sets of parameters that the recording refers to.
  const std::vector<std::weak_ptr<const void>>& owners() const { return owners_; }
  // The number plus one of the parameter's; 0 for a parameter on its own.
  std::uint16_t note_owner(const Parameter& parameter);
  // Whether one of them is gone, so that pointers to its parameters must not be followed.
  bool parameters_gone() const;

  // Numbers of the leaves that are parameters, copied ones included.
  const std::vector<std::uint32_t>& parameters() const { return parameters_; }
  void mark_parameter(const Parameter& parameter);

  // Forgets what was added since the mark, as truncating the tape does.
  struct Mark {
    std::uint32_t size = 0;
    std::uint64_t used = 0;
  };
  Mark mark() const { return {size(), used_}; }
  void truncate(Mark mark);

 private:
  std::vector<Leaf> leaves_;
  std::vector<std::uint32_t> externals_, parameters_;
  std::vector<std::weak_ptr<const void>> owners_;  // a few
  Buffer bytes_;
  std::uint64_t used_ = 0;
};

// Where `bytes` go after `used`: small things close together, so that rows of scalars have one
// stride.
constexpr std::uint64_t placed(std::uint64_t used, std::uint64_t bytes) {
  const std::uint64_t alignment = bytes >= 32 ? 32 : 8;
  return (used + alignment - 1) & ~(alignment - 1);
}

}  // namespace tapegrad
