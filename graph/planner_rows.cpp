// Values that get one place from the start, though they are computed one by one, or by batches:
// what a merge or a batch of products reads lies in one row, where it can, so that it need not be
// packed; what a node only brings together lies where that node would bring it.
#include <algorithm>
#include <utility>

#include <tapegrad/graph/planner.h>

namespace tapegrad {

void Planner::find_rows() {
  rows_.clear();
  if (!batching_ || request_->retain_all) return;
  // The order of running stands for the place until there is one.
  for (std::size_t i = 0; i < group_members_.size(); ++i) address_[group_members_[i]] = i;
  for (const Group& group : groups_) {
    const Operation& operation = *node(group.first).operation;
    if (operation.form != Form::rows || (group.merge == ~0u && group.count == 1) ||
        has(group.first, sparse))
      continue;
    if (group.merge != ~0u) order_merge(group);
    const std::span<const NodeId> members =
        group.merge == ~0u ? members_of(group) : merged(group.merge);
    for (std::size_t i = 0; i < inputs(group.first).size(); ++i) {
      if ((operation.shared >> i & 1) == 0) add_row(nth_inputs(members, i));
    }
  }
  for (Group& group : groups_) join(group);
}

Planner::Row& Planner::new_row() {
  if (!serial_ && reuses_) readers_.resize(readers_.size() + order_words_, 0);
  return rows_.emplace_back();
}

// Who reads the node reads the row that it is in.
void Planner::note_readers(NodeId id) {
  if (reuses_)
    join_readers(static_cast<std::uint32_t>(groups_.size()) + info_[id].row, group_of(id));
}

// A sum has no order: its members come as its widest input lies or will lie, so that batches of
// that need not be packed.
void Planner::order_merge(const Group& group) {
  const Merge& merge = merges_[group.merge];
  const std::span<NodeId> members(members_.data() + merge.begin, merge.end - merge.begin);
  const Operation& operation = *node(group.first).operation;
  std::size_t widest = 0;
  Index columns = 0;
  for (std::size_t i = 0; i < inputs(group.first).size(); ++i) {
    const NodeId id = inputs(members[0])[i];
    if ((operation.shared >> i & 1) != 0 || info_[id].unit == ~0u || extent(id).columns <= columns)
      continue;
    widest = i;
    columns = extent(id).columns;
  }
  if (columns == 0) return;
  const std::span<const NodeId> nodes = nth_inputs(members, widest);
  const std::uint32_t row = info_[nodes[0]].row;
  if (!std::ranges::all_of(
          nodes, [&](NodeId id) { return row == ~0u ? has_own_place(id) : info_[id].row == row; }))
    return;
  if (std::ranges::all_of(nodes, [&](NodeId id) { return groups_[group_of(id)].count == 1; }))
    return;
  std::ranges::sort(members, {}, [&](NodeId member) {
    return std::pair(address_[inputs(member)[widest]], member);
  });
}

// Whether the node's value lies in memory of its own that is not given away yet.
bool Planner::has_own_place(NodeId id) const {
  return info_[id].root == id && (flags_[id] & (is_leaf | stays | sparse)) == 0 &&
         info_[id].row == ~0u && info_[id].unit != ~0u;
}

void Planner::add_row(std::span<const NodeId> nodes) {
  const std::uint64_t bytes = extent(nodes[0]).bytes();
  const auto row = static_cast<std::uint32_t>(rows_.size());
  if (bytes == 0) return;
  for (std::size_t i = 0; i < nodes.size();) {
    if (!has_own_place(nodes[i])) return;
    // Of a batch all or none.
    const std::span<const NodeId> batch = members_of(groups_[group_of(nodes[i])]);
    if (batch.size() > nodes.size() - i ||
        (batch.size() > 1 && !std::ranges::equal(batch, nodes.subspan(i, batch.size()))))
      return;
    if (batch.size() == nodes.size()) return;  // lies in one row as it is
    for (const NodeId id : batch) {
      if (!has_own_place(id) || node(id).type != node(nodes[0]).type) return;
    }
    i += batch.size();
  }
  Row& added = new_row();
  for (const NodeId id : nodes) {
    if (info_[id].row != ~0u) continue;  // the same value twice
    info_[id].row = row;
    address_[id] = added.bytes;  // from the row's start, until that has a place
    added.bytes += bytes;
    added.last_reader = std::max(added.last_reader, groups_[group_of(id)].last_reader);
    note_readers(id);
  }
}

// Whether the group can write each of its values to a place of its own.
bool Planner::places_apart(const Group& group) const {
  if (group.count == 1) return true;
  return group.merge == ~0u && node(group.first).operation->form == Form::elementwise &&
         operands_of(group.first).size() <= 3;
}

// Gradients of the gates of a cell, which the slices' regions bring together, need not be copied.
void Planner::join(Group& group) {
  const NodeId id = group.first;
  const Operation& operation = *node(id).operation;
  if (operation.joins == nullptr || group.count != 1 || has(id, stays) ||
      !operation.joins(tape_->type_of(id).shape, tape_->types().attributes(node(id).attributes())))
    return;
  const auto parts = inputs(id);
  const bool fits = std::ranges::all_of(parts, [&](NodeId part) {
    return has_own_place(part) && extent(part).size > 0 && std::ranges::count(parts, part) == 1 &&
           places_apart(groups_[group_of(part)]);
  });
  if (!fits) return;
  if (info_[id].row == ~0u) {
    info_[id].row = static_cast<std::uint32_t>(rows_.size());
    new_row() = {.bytes = extent(id).bytes(), .last_reader = group.last_reader};
    address_[id] = 0;
    note_readers(id);
  }
  Row& row = rows_[info_[id].row];
  std::uint64_t at = address_[id];
  for (const NodeId part : parts) {
    info_[part].row = info_[id].row;
    address_[part] = at;
    at += extent(part).bytes();
    row.last_reader = std::max(row.last_reader, groups_[group_of(part)].last_reader);
    note_readers(part);
  }
  group.joined = true;
  group.cost = 0.0F;
}

}  // namespace tapegrad
