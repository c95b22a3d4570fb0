// How the operands of a group are addressed: as one matrix where their places allow it, else as a
// list.
#include <algorithm>

#include <tapegrad/graph/planner.h>

namespace tapegrad {

std::span<const NodeId> Planner::nth_inputs(std::span<const NodeId> members, std::size_t input) {
  column_.clear();
  for (const NodeId member : members) column_.push_back(operands_of(member)[input]);
  return column_;
}

Operand Planner::matrix(NodeId id) const {
  const Extent& size = extent(id);
  return {.at = at(id), .rows = size.rows, .columns = size.columns, .pitch = info_[id].pitch};
}

Operand Planner::listed_operand(std::span<const NodeId> nodes) {
  Operand operand = matrix(nodes[0]);
  operand.item_rows = static_cast<std::uint32_t>(operand.rows);
  operand.rows *= static_cast<Index>(nodes.size());
  operand.list = static_cast<std::uint32_t>(plan_->addresses.size());
  for (const NodeId id : nodes) plan_->addresses.push_back(at(id));
  return operand;
}

namespace {

// The distance between consecutive addresses, if it is the same for all and not negative.
struct Stride {
  bool regular = true;
  std::uint64_t bytes = 0;
};

template <class AddressOf>
Stride stride_of(std::span<const NodeId> nodes, AddressOf at) {
  if (nodes.size() == 1) return {};
  const Address first = at(nodes[0]);
  const Address second = at(nodes[1]);
  if (second < first || memory_of(first) != memory_of(second)) return {.regular = false};
  const std::uint64_t bytes = second - first;
  for (std::size_t i = 2; i < nodes.size(); ++i) {
    if (at(nodes[i]) != first + bytes * i) return {.regular = false};
  }
  return {true, bytes};
}

}  // namespace

// Like nodes may still lie differently: one a slice of wide rows, the other on its own.
bool Planner::one_pitch(std::span<const NodeId> nodes) const {
  return extent(nodes[0]).rows == 1 || std::ranges::all_of(nodes, [&](NodeId id) {
           return info_[id].pitch == info_[nodes[0]].pitch;
         });
}

// All items of one input of an elementwise group as rows beside the output's rows.
Operand Planner::elementwise_operand(std::span<const NodeId> nodes, NodeId output) {
  const Extent& own = extent(nodes[0]);
  const Extent& out = extent(output);
  const Broadcast kind = own.size == out.size ? Broadcast::full
                         : own.size == 1      ? Broadcast::scalar
                                              : broadcast_kind(tape_->type_of(nodes[0]).shape,
                                                               tape_->type_of(output).shape);
  // A full input may have another shape of the same size, [1, 3] beside [3]; then it is read as the
  // output's matrix.
  Operand operand{
      .at = at(nodes[0]), .rows = out.rows, .columns = out.columns, .pitch = info_[nodes[0]].pitch};
  operand.item_rows = static_cast<std::uint32_t>(out.rows);
  operand.step = kind == Broadcast::full || kind == Broadcast::row;
  if (kind == Broadcast::row || kind == Broadcast::scalar) operand.pitch = 0;
  if (kind == Broadcast::full && own.columns != out.columns) operand.pitch = out.columns;
  if (nodes.size() == 1) return operand;
  operand.rows = out.rows * static_cast<Index>(nodes.size());
  if (!one_pitch(nodes)) {
    operand.at = emit_pack(nodes, arena_memory);
    operand.pitch = own.columns;
    return operand;
  }
  const Stride stride = stride_of(nodes, [&](NodeId id) { return at(id); });
  const Index elements = static_cast<Index>(stride.bytes / own.element);
  if (stride.regular && stride.bytes % own.element == 0) {
    if (stride.bytes == 0 && operand.pitch == 0) return operand;
    if (out.rows == 1) {
      operand.pitch = elements;
      return operand;
    }
    if (operand.pitch != 0 && elements == operand.pitch * out.rows) return operand;
  }
  operand.list = static_cast<std::uint32_t>(plan_->addresses.size());
  for (const NodeId id : nodes) plan_->addresses.push_back(at(id));
  return operand;
}

// All items of one input stacked into one matrix: where they are, or packed. `whole` asks for
// contiguous rows.
Operand Planner::stacked_operand(std::span<const NodeId> nodes, bool whole) {
  Operand operand = matrix(nodes[0]);
  if (operand.rows == 1) operand.pitch = operand.columns;
  const bool must_be_dense = whole || !is_floating(tape_->type_of(nodes[0]).dtype);
  if (nodes.size() == 1 && (!must_be_dense || contiguous(nodes[0]))) return operand;
  const Extent& own = extent(nodes[0]);
  // Ids may differ in number from item to item; what has columns of numbers may not.
  const bool one_width =
      std::ranges::all_of(nodes, [&](NodeId id) { return extent(id).columns == own.columns; });
  const bool one_size =
      one_width && std::ranges::all_of(nodes, [&](NodeId id) {
        return extent(id).rows == own.rows && info_[id].pitch == info_[nodes[0]].pitch;
      });
  const Stride stride = stride_of(nodes, [&](NodeId id) { return at(id); });
  if (nodes.size() > 1 && one_size && stride.regular && stride.bytes % own.element == 0 &&
      stride.bytes > 0) {
    const Index elements = static_cast<Index>(stride.bytes / own.element);
    const Index pitch = own.rows == 1 ? elements : info_[nodes[0]].pitch;
    // Rows may lie apart but not overlap, as those of sliding windows do: products' libraries
    // refuse that.
    const bool regular = own.rows == 1 ? elements >= own.columns : elements == pitch * own.rows;
    if (regular && (!must_be_dense || pitch == own.columns)) {
      operand.rows = own.rows * static_cast<Index>(nodes.size());
      operand.pitch = pitch;
      return operand;
    }
  }
  operand.rows = 0;
  operand.columns = one_width ? own.columns : 1;
  for (const NodeId id : nodes) operand.rows += one_width ? extent(id).rows : extent(id).size;
  operand.at = emit_pack(nodes, arena_memory);
  operand.pitch = operand.columns;
  return operand;
}

}  // namespace tapegrad
