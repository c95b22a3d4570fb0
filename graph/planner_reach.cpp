// What a plan needs, where views lie, which additions are one sum, and which gradients of one
// weight merge.
#include <algorithm>

#include <tapegrad/graph/leaf_operations.h>
#include <tapegrad/graph/planner.h>

namespace tapegrad {

void Planner::mark_needed() {
  const NodeId count = tape_->structure().count();
  const bool sums = tape_->options().fusion && !tape_->options().eager && !request_->unbatched &&
                    !request_->retain_all;
  flags_.assign(count, 0);
  info_.assign(count, {});
  address_.resize(count);
  for (const NodeId output : request_->outputs) flags_[output] = needed | stays;
  for (const auto& gradient : request_->gradients) flags_[gradient.node] = needed | stays;
  for (NodeId id = count; id-- > 0;) {
    if (!has(id, needed)) continue;
    if (node(id).is_leaf() ||
        (id < request_->retained.size() && request_->retained[id] != no_address)) {
      flags_[id] |= is_leaf;
      continue;
    }
    for (const NodeId input : inputs(id)) {
      flags_[input] |= needed;
      ++info_[input].uses;
    }
    if (sums && node(id).operation->is_addition) {
      const NodeId left = inputs(id)[0];
      if (node(left).operation->is_addition && node(left).type == node(id).type)
        flags_[left] |= addend;
    }
  }
}

void Planner::place_leaf(NodeId id) {
  Info& info = info_[id];
  info.root = id;
  info.pitch = extent(id).columns;
  if (!node(id).is_leaf()) {
    address_[id] = request_->retained[id];
    return;
  }
  const Leaf& leaf = tape_->leaves()[node(id).first_input];
  if (leaf.kind != Leaf::Kind::copied) {
    address_[id] = address(first_free_memory + request_->retained_blocks + leaf.external, 0);
  } else if (id >= request_->forward_count) {
    address_[id] = address(constant_memory, leaf.offset);
  } else {
    address_[id] = address(leaf_memory, leaf.offset);
  }
}

bool Planner::place_view(NodeId id) {
  if (!tape_->options().views || node(id).operation->form != Form::view ||
      node(id).operation->place == nullptr)
    return false;
  const NodeId input = inputs(id)[0];
  const ViewContext context{.input = &tape_->type_of(input).shape,
                            .output = &tape_->type_of(id).shape,
                            .pitch = info_[input].pitch,
                            .contiguous = contiguous(input),
                            .attribute_bytes = tape_->types().attributes(node(id).attributes())};
  Placement placement;
  if (!node(id).operation->place(context, placement)) return false;
  Info& info = info_[id];
  info.root = info_[input].root;
  info.offset =
      info_[input].offset + static_cast<std::uint64_t>(placement.offset) * extent(id).element;
  info.pitch = placement.pitch;
  flags_[id] |= alias;
  return true;
}

void Planner::place_nodes() {
  members_.clear();
  merges_.clear();
  const NodeId count = tape_->structure().count();
  for (NodeId id = 0; id < count; ++id) {
    if (!has(id, needed)) continue;
    if (has(id, is_leaf)) {
      place_leaf(id);
      continue;
    }
    if (place_view(id)) continue;
    Info& info = info_[id];
    info.root = id;
    info.pitch = extent(id).columns;
    if (has(id, addend) && chained(id))
      flags_[id] |= absorbed;
    else if (node(id).operation->is_addition && has(inputs(id)[0], absorbed))
      chain_additions(id);
    if (node(id).operation->form == Form::sum && tape_->options().merging &&
        !tape_->options().eager && !request_->unbatched)
      merge_sum(id);
  }
}

bool Planner::mergeable(NodeId id) const {
  const Operation& operation = *node(id).operation;
  return operation.form == Form::rows && operation.stacking == Stacking::adds &&
         info_[id].uses == 1 && (flags_[id] & (stays | is_leaf | alias)) == 0;
}

bool Planner::merges_with(NodeId left, NodeId right) const {
  const Node& a = node(left);
  const Node& b = node(right);
  if (a.operation != b.operation || a.attributes_and_flags != b.attributes_and_flags ||
      a.type != b.type)
    return false;
  const auto left_inputs = inputs(left);
  const auto right_inputs = inputs(right);
  for (std::size_t i = 0; i < left_inputs.size(); ++i) {
    if ((a.operation->shared >> i & 1) != 0) {
      if (left_inputs[i] != right_inputs[i]) return false;
    } else if (is_floating(tape_->type_of(left_inputs[i]).dtype) &&
               extent(left_inputs[i]).columns != extent(right_inputs[i]).columns) {
      return false;
    }
  }
  return true;
}

// Σᵢ f(xᵢ) = f(stacked xᵢ): the summands of one kind become one node, which stands in the first
// one's place.
void Planner::merge_sum(NodeId id) {
  const auto summands = inputs(id);
  if (std::ranges::none_of(summands, [&](NodeId summand) { return mergeable(summand); })) return;
  std::vector<std::vector<NodeId>> kinds;
  std::vector<NodeId> others;
  for (const NodeId summand : summands) {
    if (!mergeable(summand)) {
      others.push_back(summand);
      continue;
    }
    const auto kind = std::ranges::find_if(
        kinds, [&](const auto& members) { return merges_with(members[0], summand); });
    if (kind != kinds.end())
      kind->push_back(summand);
    else
      kinds.push_back({summand});
  }
  std::vector<NodeId> operands;
  for (auto& kind : kinds) {
    // Gradients come last to first; what they are products of lies first to last.
    std::ranges::reverse(kind);
    operands.push_back(kind[0]);
    if (kind.size() == 1) continue;
    const auto merge = static_cast<std::uint32_t>(merges_.size());
    merges_.push_back({static_cast<std::uint32_t>(members_.size()),
                       static_cast<std::uint32_t>(members_.size() + kind.size())});
    members_.insert(members_.end(), kind.begin(), kind.end());
    for (const NodeId member : kind) flags_[member] |= absorbed;
    info_[kind[0]].merge = merge;
  }
  if (operands.size() + others.size() == summands.size()) return;
  operands.insert(operands.end(), others.begin(), others.end());
  if (operands.size() == 1) {
    info_[id].root = operands[0];
    flags_[id] |= alias;
    if (has(id, stays)) flags_[operands[0]] |= stays;
    return;
  }
  info_[id].merge = static_cast<std::uint32_t>(merges_.size());
  merges_.push_back({static_cast<std::uint32_t>(members_.size()),
                     static_cast<std::uint32_t>(members_.size() + operands.size())});
  members_.insert(members_.end(), operands.begin(), operands.end());
}

// ((a + b) + c) + d is the sum of four, added in the same order, if nothing else reads what is
// between. More than three summands must be of one size, for that is what the sum of many can do.
void Planner::chain_additions(NodeId id) {
  std::uint32_t count = 2;
  bool equal = extent(inputs(id)[1]).size == extent(id).size;
  NodeId left = inputs(id)[0];
  for (; has(left, absorbed); left = inputs(left)[0], ++count)
    equal = equal && extent(inputs(left)[1]).size == extent(id).size;
  equal = equal && extent(left).size == extent(id).size;
  const bool fits = equal || count <= 3;
  const auto begin = static_cast<std::uint32_t>(members_.size());
  if (fits) members_.resize(begin + count);
  NodeId last = id;
  for (std::uint32_t i = count; i-- > 1; last = inputs(last)[0]) {
    if (fits)
      members_[begin + i] = inputs(last)[1];
    else if (last != id)
      flags_[last] &= static_cast<std::uint8_t>(~absorbed);
  }
  if (!fits) return;
  members_[begin] = last;
  info_[id].merge = static_cast<std::uint32_t>(merges_.size());
  merges_.push_back({begin, begin + count});
}

// A gradient that is one scatter, or a merge of scatters, stays row-sparse if nothing else reads
// it; a value that stays and is a view lives where its root is, if the root can.
void Planner::choose_outputs() {
  for (const auto& gradient : request_->gradients) {
    const NodeId root = info_[gradient.node].root;
    const bool only_reader = root == gradient.node
                                 ? info_[root].uses == 0
                                 : info_[root].uses == 1 && info_[gradient.node].uses == 0;
    const bool elsewhere = std::ranges::count(request_->outputs, gradient.node) > 0 ||
                           std::ranges::count_if(request_->gradients, [&](const auto& g) {
                             return info_[g.node].root == root;
                           }) > 1;
    // Not a table seen in another shape.
    const bool same_type = node(root).type == node(gradient.node).type;
    if (node(root).operation->scatters_rows && only_reader && same_type && !elsewhere &&
        !request_->unbatched)
      flags_[root] |= sparse;
  }
  const auto keep_root = [&](NodeId id) {
    const NodeId root = info_[id].root;
    if (!has(root, is_leaf)) flags_[root] |= stays;
  };
  for (const NodeId output : request_->outputs) keep_root(output);
  for (const auto& gradient : request_->gradients) keep_root(gradient.node);
}

void Planner::note_reads() {
  const auto is_parameter = [&](NodeId id) {
    return node(id).operation == &parameter_operation ||
           node(id).operation == &copied_parameter_operation;
  };
  for (NodeId id = 0; id < tape_->structure().count(); ++id) {
    if (!has(id, needed)) continue;
    const bool direct = has(id, is_leaf) && has(id, stays);
    if (has(id, is_leaf)) {
      if (direct && is_parameter(id)) plan_->reads.push_back({node(id).first_input, Plan::no_leaf});
      continue;
    }
    const auto all = inputs(id);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!is_parameter(all[i])) continue;
      const bool by_rows = i == 0 && node(id).operation->reads_rows && node(all[1]).is_leaf();
      const Plan::Read read{node(all[i]).first_input,
                            by_rows ? node(all[1]).first_input : Plan::no_leaf};
      const auto same = [&](const Plan::Read& other) {
        return other.parameter_leaf == read.parameter_leaf && other.ids_leaf == read.ids_leaf;
      };
      if (by_rows || std::ranges::none_of(plan_->reads, same)) plan_->reads.push_back(read);
    }
  }
}

}  // namespace tapegrad
