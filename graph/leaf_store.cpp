#include <tapegrad/graph/leaf_store.h>

#include <algorithm>

namespace tapegrad {

void LeafStore::clear() {
  leaves_.clear();
  externals_.clear();
  parameters_.clear();
  owners_.clear();
  used_ = 0;
}

std::byte* LeafStore::add_copied(NodeId node, std::size_t bytes) {
  const std::uint64_t offset = placed(used_, bytes);
  bytes_.reserve(offset + bytes);
  leaves_.push_back({.node = node, .kind = Leaf::Kind::copied, .offset = offset});
  used_ = offset + bytes;
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
  leaves_.push_back({.node = node,
                     .kind = Leaf::Kind::parameter,
                     .external = static_cast<std::uint32_t>(externals_.size() - 1)});
  mark_parameter(parameter);
}

void LeafStore::mark_parameter(const Parameter& parameter) {
  leaves_.back().parameter = &parameter;
  leaves_.back().version = parameter.version();
  leaves_.back().owner = note_owner(parameter);
  parameters_.push_back(size() - 1);
}

std::uint16_t LeafStore::note_owner(const Parameter& parameter) {
  const std::weak_ptr<const void>& owner = parameter.owner();
  if (owner.expired()) return 0;
  const auto same = [&](const auto& known) {
    return !known.owner_before(owner) && !owner.owner_before(known);
  };
  auto found = std::ranges::find_if(owners_, same);
  if (found == owners_.end()) found = owners_.insert(owners_.end(), owner);
  return static_cast<std::uint16_t>(found - owners_.begin() + 1);
}

bool LeafStore::parameters_gone() const {
  return std::ranges::any_of(owners_, [](const auto& owner) { return owner.expired(); });
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
  leaf.parameter->check_value();
  return leaf.parameter->unsettled_value().data();
}

void LeafStore::truncate(Mark mark) {
  leaves_.resize(mark.size);
  while (!externals_.empty() && externals_.back() >= mark.size) externals_.pop_back();
  while (!parameters_.empty() && parameters_.back() >= mark.size) parameters_.pop_back();
  used_ = mark.used;
}

}  // namespace tapegrad
