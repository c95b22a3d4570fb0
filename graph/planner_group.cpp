// Which nodes run together, and in which order.
#include <algorithm>
#include <bit>

#include <tapegrad/graph/planner.h>

namespace tapegrad {
namespace {

constexpr double element_cost = 0.12;         // nanoseconds of an addition's element, memory included
constexpr double largest_batched = 100000.0;  // nanoseconds: beyond, a node gains nothing by company, but loses its parallelism

}  // namespace

double Planner::node_cost(NodeId id) const {
  const Operation& operation = *node(id).operation;
  if (operation.cost == nullptr) {
    double size = static_cast<double>(extent(id).size);
    if (operation.form != Form::elementwise) {
      for (const NodeId input : operands_of(id)) size = std::max(size, static_cast<double>(extent(input).size));
    }
    return size * static_cast<double>(operation.work) * element_cost;
  }
  const auto all = inputs(id);
  const Type* types[8] = {};
  for (std::size_t i = 0; i < std::min<std::size_t>(all.size(), 8); ++i) types[i] = &tape_->type_of(all[i]);
  const ShapeContext context{.inputs = {types, std::min<std::size_t>(all.size(), 8)},
                             .attribute_bytes = tape_->types().attributes(node(id).attributes()),
                             .floating = tape_->dtype()};
  return operation.cost(context, tape_->type_of(id));
}

bool Planner::batchable(NodeId id) const {
  if (!batching_ || has(id, sparse)) return false;
  if (node(id).operation->form == Form::sum) return info_[id].merge == ~0u && node(id).input_count <= 3;
  return node(id).input_count <= 8 && node(id).input_count > 0;
}

std::uint64_t Planner::signature(NodeId id) const {
  const Node& own = node(id);
  std::uint64_t hash = mix(reinterpret_cast<std::uintptr_t>(own.operation), own.attributes());
  hash = mix(hash, std::uint64_t{own.type} << 32 | info_[id].depth);
  const auto all = inputs(id);
  for (std::size_t i = 0; i < all.size(); ++i) {
    hash = hash * 31 + node(all[i]).type;
    if ((own.operation->shared >> i & 1) != 0) hash = mix(hash, all[i]);
  }
  return hash;
}

bool Planner::alike(NodeId left, NodeId right) const {
  const Node& a = node(left);
  const Node& b = node(right);
  if (a.operation != b.operation || a.attributes() != b.attributes() || a.type != b.type || a.input_count != b.input_count)
    return false;
  if (info_[left].depth != info_[right].depth) return false;
  const auto left_inputs = inputs(left);
  const auto right_inputs = inputs(right);
  for (std::size_t i = 0; i < left_inputs.size(); ++i) {
    if (node(left_inputs[i]).type != node(right_inputs[i]).type) return false;
    if ((a.operation->shared >> i & 1) != 0 && left_inputs[i] != right_inputs[i]) return false;
  }
  return true;
}

void Planner::add_group(NodeId id, std::uint32_t merge) {
  const auto group = static_cast<std::uint32_t>(groups_.size());
  groups_.push_back({.first = id, .count = 1, .depth = info_[id].depth, .merge = merge});
  last_.push_back(id);
  info_[id].group = group;
  if (merge == ~0u) {
    groups_[group].cost = static_cast<float>(node_cost(id));
  } else {
    const Merge& members = merges_[merge];
    for (std::uint32_t i = members.begin; i < members.end; ++i) groups_[group].cost += static_cast<float>(node_cost(members_[i]));
  }
}

void Planner::group_nodes() {
  const NodeId count = tape_->structure().count();
  groups_.clear();
  last_.clear();
  next_.assign(count, no_node);
  slots_.assign(std::bit_ceil(std::size_t{count} + 8), 0);
  const std::size_t mask = slots_.size() - 1;
  for (NodeId id = 0; id < count; ++id) {
    if ((flags_[id] & (needed | is_leaf)) != needed) continue;
    if (node(id).operation->form == Form::sum) {
      // A sum's merges come just before it, when all their members' inputs are there.
      const NodeId alone[] = {info_[id].root};
      for (const NodeId operand : has(id, alias) ? std::span<const NodeId>(alone) : operands_of(id)) {
        if (has(operand, absorbed)) add_group(operand, info_[operand].merge);
      }
    }
    if ((flags_[id] & (alias | absorbed)) != 0) continue;
    if (!batchable(id)) {
      add_group(id, ~0u);
      continue;
    }
    const std::uint64_t hash = signature(id);
    for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
      if (slots_[at] == 0) {
        add_group(id, ~0u);
        groups_.back().hash = hash;
        if (static_cast<double>(groups_.back().cost) < largest_batched) slots_[at] = static_cast<std::uint32_t>(groups_.size());
        break;
      }
      const std::uint32_t group = slots_[at] - 1;
      if (groups_[group].hash != hash || !alike(groups_[group].first, id)) continue;
      next_[last_[group]] = id;
      last_[group] = id;
      ++groups_[group].count;
      info_[id].group = group;
      break;
    }
  }
  group_members_.clear();
  total_cost_ = 0.0;
  for (Group& group : groups_) {
    group.begin = static_cast<std::uint32_t>(group_members_.size());
    for (NodeId id = group.first; id != no_node; id = next_[id]) group_members_.push_back(id);
    if (group.merge == ~0u) group.cost *= static_cast<float>(group.count);
    total_cost_ += static_cast<double>(group.cost);
  }
}

// By depth, and in the order of the tape within a depth; unbatched plans keep the order of the tape.
void Planner::order_groups() {
  const std::size_t count = groups_.size();
  order_.resize(count);
  position_.resize(count);
  if (!batching_) {
    for (std::uint32_t i = 0; i < count; ++i) order_[i] = position_[i] = i;
    return;
  }
  std::uint32_t deepest = 0;
  for (const Group& group : groups_) deepest = std::max(deepest, group.depth);
  counts_.assign(std::size_t{deepest} + 2, 0);
  for (const Group& group : groups_) ++counts_[group.depth + 1];
  for (std::size_t i = 1; i < counts_.size(); ++i) counts_[i] += counts_[i - 1];
  for (std::uint32_t i = 0; i < count; ++i) {
    position_[i] = counts_[groups_[i].depth]++;
    order_[position_[i]] = i;
  }
}

void Planner::find_last_readers() {
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    const Group& group = groups_[g];
    const auto reads = [&](NodeId reader) {
      for (const NodeId input : operands_of(reader)) {
        const std::uint32_t producer = info_[info_[input].root].group;
        if (producer != ~0u) groups_[producer].last_reader = std::max(groups_[producer].last_reader, position_[g]);
      }
    };
    if (group.merge != ~0u) {
      for (std::uint32_t i = merges_[group.merge].begin; i < merges_[group.merge].end; ++i) reads(members_[i]);
    } else {
      for (std::uint32_t i = 0; i < group.count; ++i) reads(group_members_[group.begin + i]);
    }
  }
}

}  // namespace tapegrad
