// What runs as one piece, which pieces are alike, and how long each may wait.
#include <algorithm>
#include <bit>

#include <tapegrad/graph/planner.h>

namespace tapegrad {
namespace {

constexpr double element_cost = 0.12;  // nanoseconds of an addition's element, memory included
// Nanoseconds of a node above which batching gains nothing and costs parallelism.
constexpr double largest_batched = 100000.0;
// Nanoseconds of a node above which batching saves too little to keep values alive for it.
constexpr double longest_waiting = 5000.0;

// Nanoseconds of looking for a node's company, and of starting a node, which company may save.
constexpr double company_cost = 60.0;
constexpr double elementwise_start = 14.0;
constexpr double other_start = 400.0;
constexpr double cached_runs = 10.0;  // that a plan which is kept will see, at least

}  // namespace

// Company saves, at most, the starts of the nodes that are not on the longest way to a result.
bool Planner::batching_pays() {
  const NodeId count = tape_->structure().count();
  depths_.assign(count, 0);
  std::uint32_t nodes = 0, deepest = 0;
  double starts = 0.0;
  for (NodeId id = 0; id < count; ++id) {
    if ((flags_[id] & (needed | is_leaf | alias)) != needed) continue;
    std::uint32_t depth = 0;
    for (const NodeId input : inputs(id)) depth = std::max(depth, depths_[info_[input].root]);
    depths_[id] = depth + 1;
    deepest = std::max(deepest, depth + 1);
    ++nodes;
    const Form form = node(id).operation->form;
    starts += form == Form::elementwise || form == Form::sum ? elementwise_start : other_start;
  }
  if (nodes == 0) return false;
  const double saved = starts * (1.0 - static_cast<double>(deepest) / nodes);
  return saved * (tape_->options().plan_cache ? cached_runs : 1.0) > company_cost * nodes;
}

double Planner::node_cost(NodeId id) const {
  const Operation& operation = *node(id).operation;
  if (operation.cost == nullptr) {
    double size = static_cast<double>(extent(id).size);
    const auto operands = operands_of(id);
    if (operation.form != Form::elementwise) {
      for (const NodeId input : operands)
        size = std::max(size, static_cast<double>(extent(input).size));
    }
    const double additions = operation.is_addition ? static_cast<double>(operands.size() - 1) : 1.0;
    return size * static_cast<double>(operation.work) * element_cost * additions;
  }
  const auto all = inputs(id);
  const Type* types[8] = {};
  for (std::size_t i = 0; i < std::min<std::size_t>(all.size(), 8); ++i)
    types[i] = &tape_->type_of(all[i]);
  const ShapeContext context{.inputs = {types, std::min<std::size_t>(all.size(), 8)},
                             .attribute_bytes = tape_->types().attributes(node(id).attributes()),
                             .floating = tape_->dtype()};
  return operation.cost(context, tape_->type_of(id));
}

bool Planner::batchable(NodeId id) const {
  if (!batching_ || has(id, sparse)) return false;
  const std::size_t count = operands_of(id).size();
  if (node(id).operation->form == Form::sum) return info_[id].merge == ~0u && count <= 3;
  return count <= (node(id).operation->is_addition ? 3 : 8) && count > 0;
}

std::uint64_t Planner::signature(NodeId id) const {
  const Node& own = node(id);
  std::uint64_t hash = mix(reinterpret_cast<std::uintptr_t>(own.operation), own.attributes());
  const auto all = operands_of(id);
  hash = mix(hash, std::uint64_t{own.type} << 32 | all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    hash = hash * 31 + node(all[i]).type;
    if ((own.operation->shared >> i & 1) != 0) hash = mix(hash, all[i]);
  }
  return mix(hash, 0);
}

bool Planner::alike(NodeId left, NodeId right) const {
  const Node& a = node(left);
  const Node& b = node(right);
  if (a.operation != b.operation || a.attributes() != b.attributes() || a.type != b.type)
    return false;
  const auto left_inputs = operands_of(left);
  const auto right_inputs = operands_of(right);
  if (left_inputs.size() != right_inputs.size()) return false;
  for (std::size_t i = 0; i < left_inputs.size(); ++i) {
    if (node(left_inputs[i]).type != node(right_inputs[i]).type) return false;
    if ((a.operation->shared >> i & 1) != 0 && left_inputs[i] != right_inputs[i]) return false;
  }
  return true;
}

void Planner::add_unit(NodeId id, std::uint32_t merge) {
  info_[id].unit = static_cast<std::uint32_t>(units_.size());
  Unit& unit = units_.emplace_back();
  unit.first = id;
  unit.merge = merge;
  unit.first_producer = static_cast<std::uint32_t>(producers_.size());
  const auto reads = [&](NodeId reader) {
    for (const NodeId input : operands_of(reader)) {
      const std::uint32_t producer = info_[info_[input].root].unit;
      if (producer == ~0u) continue;
      producers_.push_back(producer);
      ++units_[producer].first_consumer;  // a count, so far
    }
  };
  if (merge != ~0u) {
    for (std::uint32_t i = merges_[merge].begin; i < merges_[merge].end; ++i) {
      reads(members_[i]);
      unit.cost += static_cast<float>(node_cost(members_[i]));
    }
  } else {
    reads(id);
    if (batchable(id))
      find_kind(unit);
    else
      unit.cost = static_cast<float>(node_cost(id));
  }
  unit.producer_count = unit.waits =
      static_cast<std::uint32_t>(producers_.size()) - unit.first_producer;
  total_cost_ += static_cast<double>(unit.cost);
}

void Planner::find_kind(Unit& unit) {
  const std::uint64_t hash = signature(unit.first);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    if (slots_[at] == 0) {
      unit.cost = static_cast<float>(node_cost(unit.first));
      if (static_cast<double>(unit.cost) >= largest_batched) return;
      unit.kind = static_cast<std::uint32_t>(kinds_.size());
      kinds_.push_back({.first_unit = static_cast<std::uint32_t>(units_.size() - 1),
                        .signature = hash,
                        .coming = 1,
                        .waits = static_cast<double>(unit.cost) < longest_waiting});
      slots_[at] = static_cast<std::uint32_t>(kinds_.size());
      return;
    }
    Kind& kind = kinds_[slots_[at] - 1];
    if (kind.signature != hash || !alike(units_[kind.first_unit].first, unit.first)) continue;
    unit.kind = slots_[at] - 1;
    unit.cost = units_[kind.first_unit].cost;
    ++kind.coming;
    return;
  }
}

void Planner::find_units() {
  const NodeId count = tape_->structure().count();
  units_.clear();
  producers_.clear();
  kinds_.clear();
  slots_.assign(std::bit_ceil(std::size_t{count} + 8), 0);
  total_cost_ = 0.0;
  for (NodeId id = 0; id < count; ++id) {
    if ((flags_[id] & (needed | is_leaf)) != needed) continue;
    if (node(id).operation->form == Form::sum) {
      // A sum's merges come just before it, when all their members' inputs are there.
      const NodeId alone[] = {info_[id].root};
      for (const NodeId operand :
           has(id, alias) ? std::span<const NodeId>(alone) : operands_of(id)) {
        if (has(operand, absorbed)) add_unit(operand, info_[operand].merge);
      }
    }
    if ((flags_[id] & (alias | absorbed)) == 0) add_unit(id, ~0u);
  }
  // Nobody waits for company that will not come.
  for (const Kind& kind : kinds_) {
    if (kind.coming == 1) units_[kind.first_unit].kind = ~0u;
  }
}

// From who waits for whom: who is waited for by whom, and the heights.
void Planner::find_consumers() {
  consumers_.resize(producers_.size());
  std::uint32_t end = 0;
  for (Unit& unit : units_) unit.first_consumer = end += unit.first_consumer;
  for (std::uint32_t u = static_cast<std::uint32_t>(units_.size()); u-- > 0;) {
    const Unit& unit = units_[u];
    for (const std::uint32_t p : producers_of(unit)) {
      Unit& producer = units_[p];
      producer.height = std::max(producer.height, unit.height + 1);
      consumers_[--producer.first_consumer] = u;
    }
  }
}

}  // namespace tapegrad
