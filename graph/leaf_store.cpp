#include <tapegrad/graph/leaf_store.h>

namespace tapegrad {

void LeafStore::clear() {
  leaves_.clear();
  externals_.clear();
  parameters_.clear();
  used_ = 0;
}

std::byte* LeafStore::add_copied(NodeId node, std::size_t bytes) {
  const std::uint64_t offset = placed(used_, bytes);
  used_ = offset + bytes;
  bytes_.reserve(used_);
  leaves_.push_back({.node = node, .kind = Leaf::Kind::copied, .offset = offset});
  return bytes_.data() + offset;
}

void LeafStore::add_borrowed(NodeId node, const void* pointer) {
  externals_.push_back(size());
  leaves_.push_back({.node = node,
                     .kind = Leaf::Kind::borrowed,
                     .external = static_cast<std::uint32_t>(externals_.size() - 1),
                     .pointer = pointer});
}

void LeafStore::add_parameter(NodeId node, const Parameter& parameter) {
  externals_.push_back(size());
  leaves_.push_back({.node = node, .kind = Leaf::Kind::parameter, .external = static_cast<std::uint32_t>(externals_.size() - 1)});
  mark_parameter(parameter);
}

void LeafStore::mark_parameter(const Parameter& parameter) {
  leaves_.back().parameter = &parameter;
  leaves_.back().version = parameter.version();
  parameters_.push_back(size() - 1);
}

const std::byte* LeafStore::data(const Leaf& leaf) const {
  switch (leaf.kind) {
    case Leaf::Kind::copied:
      return bytes_.data() + leaf.offset;
    case Leaf::Kind::borrowed:
      return static_cast<const std::byte*>(leaf.pointer);
    case Leaf::Kind::parameter:
      break;
  }
  return leaf.parameter->unsettled_value().data();
}

void LeafStore::truncate(Mark mark) {
  leaves_.resize(mark.size);
  while (!externals_.empty() && externals_.back() >= mark.size) externals_.pop_back();
  while (!parameters_.empty() && parameters_.back() >= mark.size) parameters_.pop_back();
  used_ = mark.used;
}

}  // namespace tapegrad
