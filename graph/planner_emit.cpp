// Instructions.
#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include <tapegrad/graph/elementwise.h>
#include <tapegrad/graph/error.h>
#include <tapegrad/graph/leaf_operations.h>
#include <tapegrad/graph/planner.h>

namespace tapegrad {
namespace {

constexpr double split_cost = 50000.0;  // nanoseconds of work that is worth a second thread
constexpr double grain_cost = 20000.0;  // and of a part of it

}  // namespace

std::unique_ptr<Plan> Planner::plan(const Tape& tape, const PlanRequest& request) {
  auto plan = std::make_unique<Plan>();
  tape_ = &tape;
  request_ = &request;
  plan_ = plan.get();
  plan->dtype = tape.dtype();
  batching_ = tape.options().batching && !tape.options().eager && !request.unbatched;
  for (std::size_t i = extents_.size(); i < tape.types().size(); ++i) {
    const Type& type = tape.types()[static_cast<TypeId>(i)];
    extents_.push_back({type.shape.rows(), type.shape.columns(), type.shape.size(),
                        static_cast<std::uint32_t>(size_of(type.dtype))});
  }
  mark_needed();
  place_nodes();
  choose_outputs();
  note_reads();
  batching_ = batching_ && batching_pays();
  find_units();
  group_nodes();
  find_group_producers();
  draft_tasks();
  emit();
  make_tasks();
  chain_elementwise();
  if (tape.options().profile) label_instructions();
  return plan;
}

void Planner::emit() {
  arena_used_ = result_used_ = 0;
  free_.clear();
  sparse_outputs_.clear();
  dying_.resize(std::max(dying_.size(), groups_.size()));
  for (std::size_t i = 0; i < groups_.size(); ++i) dying_[i].clear();
  find_rows();
  plan_->instructions.reserve(groups_.size() + groups_.size() / 4);
  for (emitting_ = 0; emitting_ < groups_.size(); ++emitting_) {
    emit_group(emitting_);
    release_after(emitting_);
  }
  emit_outputs();
  plan_->arena_bytes = arena_used_;
  plan_->result_bytes = result_used_;
}

void Planner::emit_group(std::uint32_t position) {
  Group& group = groups_[position];
  group.first_instruction = static_cast<std::uint32_t>(plan_->instructions.size());
  std::span<const NodeId> members = members_of(group);
  if (group.merge != ~0u) members = merged(group.merge);
  const Operation& operation = *node(group.first).operation;
  const bool adds = operation.form == Form::sum || operation.is_addition;
  if (group.joined) {
    place_output(group);
  } else if (has(group.first, sparse)) {
    emit_sparse(group, members);
  } else if (operation.form == Form::elementwise ? !adds || operands_of(group.first).size() <= 3
                                                 : adds && operands_of(group.first).size() <= 3) {
    place_output(group);
    emit_elementwise(group, members);
  } else if (adds) {
    place_output(group);
    emit_sum(group);
  } else if (operation.form == Form::rows &&
             (members.size() == 1 || operation.stacking == Stacking::rows || group.merge != ~0u)) {
    place_output(group);
    emit_stacked(group, members);
  } else {
    place_output(group);
    emit_each(group, members);
  }
  group.last_instruction = static_cast<std::uint32_t>(plan_->instructions.size());
}

Instruction& Planner::add_instruction(Instruction::Kind kind, NodeId first, const Group* group) {
  Instruction& instruction = plan_->instructions.emplace_back();
  instruction.kind = kind;
  instruction.node = first;
  instruction.splits =
      group != nullptr && !request_->unbatched && static_cast<double>(group->cost) >= split_cost;
  instruction.detail = static_cast<std::uint32_t>(plan_->details.size());
  return instruction;
}

Detail& Planner::add_detail(const Operation& operation, NodeId first, std::uint32_t items) {
  Detail& detail = plan_->details.emplace_back();
  detail.operation = &operation;
  detail.attributes = tape_->types().attributes(node(first).attributes());
  detail.first_operand = static_cast<std::uint32_t>(plan_->operands.size());
  detail.first_type = static_cast<std::uint32_t>(plan_->types.size());
  detail.items = items;
  return detail;
}

// A part's size follows from the problem's alone, so that the bits do not depend on the number of
// threads.
void Planner::set_split(Instruction& instruction, Detail& detail, const Group& group, Index units) {
  instruction.size = units;
  const double parts = std::max(1.0, static_cast<double>(group.cost) / grain_cost);
  detail.grain = std::max<Index>(
      1, static_cast<Index>(static_cast<double>(units) / std::min(parts, 16.0) + 0.999));
  if (detail.grain > 8) detail.grain = (detail.grain + 7) / 8 * 8;
}

void Planner::emit_elementwise(const Group& group, std::span<const NodeId> members) {
  const bool is_sum = node(group.first).operation->form == Form::sum ||
                      operands_of(group.first).size() > inputs(group.first).size();
  const auto operands = operands_of(group.first);
  const std::size_t arity = operands.size();
  const Operation& operation = *node(group.first).operation;
  const bool single = tape_->dtype() == Dtype::float32;
  const ElementwiseKernel kernel = is_sum   ? sum_kernel(arity, tape_->dtype())
                                   : single ? operation.elementwise_float
                                            : operation.elementwise_double;
  const Extent& out = extent(group.first);
  const Index size = out.size * group.count;
  const auto plain = [&](NodeId id) {
    return node(id).type == node(group.first).type && contiguous(id);
  };
  if (members.size() == 1 && arity <= 3 && std::ranges::all_of(operands, plain)) {
    // The most frequent case, without the search for a common layout.
    Instruction& instruction = add_instruction(Instruction::Kind::flat, group.first, &group);
    instruction.elementwise = kernel;
    instruction.arity = static_cast<std::uint8_t>(arity);
    instruction.steps = static_cast<std::uint8_t>((1u << arity) - 1);
    instruction.size = size;
    instruction.output = address_[group.first];
    for (std::size_t i = 0; i < arity; ++i) instruction.inputs[i] = at(operands[i]);
    return;
  }
  Operand found[8];
  const std::span<const NodeId> outputs = members_of(group);
  const bool together = lies_together(outputs);
  bool flat = arity <= 3 && together;
  for (std::size_t i = 0; i < arity; ++i) {
    found[i] = members.size() == 1 ? elementwise_operand({&operands[i], 1}, group.first)
                                   : elementwise_operand(nth_inputs(members, i), group.first);
    // A column of rows of one.
    if (out.columns == 1 && !found[i].step && found[i].pitch != 0) found[i].step = true;
    const bool dense = found[i].step && (found[i].pitch == out.columns ||
                                         (found[i].rows == 1 && found[i].pitch != 0));
    flat =
        flat && !found[i].listed() &&
        (dense || (!found[i].step && found[i].pitch == 0) || (found[i].rows == 1 && found[i].step));
  }
  if (flat) {
    Instruction& instruction = add_instruction(Instruction::Kind::flat, group.first, &group);
    instruction.elementwise = kernel;
    instruction.arity = static_cast<std::uint8_t>(arity);
    instruction.size = size;
    instruction.output = address_[group.first];
    for (std::size_t i = 0; i < arity; ++i) {
      instruction.inputs[i] = found[i].at;
      instruction.steps |= static_cast<std::uint8_t>(found[i].step ? 1u << i : 0u);
    }
    return;
  }
  Instruction& instruction = add_instruction(Instruction::Kind::rows, group.first, &group);
  Detail& detail = add_detail(operation, group.first, group.count);
  instruction.elementwise = kernel;
  plan_->operands.insert(plan_->operands.end(), found, found + arity);
  detail.operand_count = static_cast<std::uint32_t>(arity);
  detail.output = {.at = address_[group.first],
                   .rows = out.rows * group.count,
                   .columns = out.columns,
                   .pitch = out.columns};
  if (!together) {
    detail.output.list = static_cast<std::uint32_t>(plan_->addresses.size());
    detail.output.item_rows = static_cast<std::uint32_t>(out.rows);
    for (const NodeId id : outputs) plan_->addresses.push_back(address_[id]);
  }
  instruction.output = address_[group.first];
  set_split(instruction, detail, group, detail.output.rows);
}

void Planner::emit_sum(const Group& group) {
  const auto operands = operands_of(group.first);
  // What is not contiguous is copied first; the address list names the copies.
  std::vector<NodeId> copied;
  for (const NodeId id : operands) {
    if (!contiguous(id)) copied.push_back(id);
  }
  const Address copies = copied.empty() ? no_address : emit_pack(copied, arena_memory);
  Instruction& instruction = add_instruction(Instruction::Kind::sum, group.first, &group);
  Detail& detail = add_detail(sum_operation, group.first, 1);
  Operand operand{.rows = static_cast<Index>(operands.size()),
                  .columns = extent(group.first).size,
                  .item_rows = 1};
  operand.list = static_cast<std::uint32_t>(plan_->addresses.size());
  std::uint64_t next_copy = 0;
  for (const NodeId id : operands) {
    const bool is_copy = !contiguous(id);
    plan_->addresses.push_back(is_copy ? copies + extent(group.first).bytes() * next_copy : at(id));
    next_copy += is_copy ? 1 : 0;
  }
  plan_->operands.push_back(operand);
  detail.operand_count = 1;
  detail.output = {
      .at = address_[group.first], .rows = 1, .columns = operand.columns, .pitch = operand.columns};
  instruction.output = address_[group.first];
  set_split(instruction, detail, group, operand.columns);
}

void Planner::emit_stacked(const Group& group, std::span<const NodeId> members) {
  const Operation& operation = *node(group.first).operation;
  const std::size_t arity = inputs(group.first).size();
  std::vector<Operand> found(arity);
  for (std::size_t i = 0; i < arity; ++i) {
    const NodeId first = inputs(group.first)[i];
    if ((operation.shared >> i & 1) != 0)
      found[i] = stacked_operand({&first, 1}, false);
    else
      found[i] = stacked_operand(nth_inputs(members, i), false);
  }
  Instruction& instruction = add_instruction(Instruction::Kind::stacked, group.first, &group);
  Detail& detail = add_detail(operation, group.first, 1);
  instruction.kernel =
      tape_->dtype() == Dtype::float32 ? operation.kernel_float : operation.kernel_double;
  plan_->operands.insert(plan_->operands.end(), found.begin(), found.end());
  detail.operand_count = static_cast<std::uint32_t>(arity);
  for (const NodeId input : inputs(group.first)) plan_->types.push_back(&tape_->type_of(input));
  plan_->types.push_back(&tape_->type_of(group.first));
  const Extent& out = extent(group.first);
  const Index items = group.merge == ~0u ? group.count : 1;
  detail.output = {.at = address_[group.first],
                   .rows = out.rows * items,
                   .columns = out.columns,
                   .pitch = out.columns};
  instruction.output = address_[group.first];
  if (operation.tiling == Tiling::none) instruction.splits = 0;
  set_split(instruction, detail, group,
            operation.tiling == Tiling::input_rows ? found[0].rows : detail.output.rows);
}

void Planner::emit_each(const Group& group, std::span<const NodeId> members) {
  const Operation& operation = *node(group.first).operation;
  const std::size_t arity = inputs(group.first).size();
  const bool whole = operation.form != Form::rows;
  std::vector<Operand> found(arity);
  for (std::size_t i = 0; i < arity; ++i) {
    const auto column = nth_inputs(members, i);
    const bool dense = std::ranges::all_of(column, [&](NodeId id) { return contiguous(id); });
    if (dense || (!whole && one_pitch(column))) {
      found[i] = listed_operand(column);
    } else {
      found[i] = matrix(column[0]);
      found[i].pitch = found[i].columns;
      found[i].item_rows = static_cast<std::uint32_t>(found[i].rows);
      const Address copies = emit_pack(column, arena_memory);
      found[i].list = static_cast<std::uint32_t>(plan_->addresses.size());
      for (std::size_t k = 0; k < column.size(); ++k)
        plan_->addresses.push_back(copies + extent(column[0]).bytes() * k);
    }
  }
  Instruction& instruction = add_instruction(Instruction::Kind::each, group.first, &group);
  Detail& detail = add_detail(operation, group.first, group.count);
  instruction.kernel =
      tape_->dtype() == Dtype::float32 ? operation.kernel_float : operation.kernel_double;
  plan_->operands.insert(plan_->operands.end(), found.begin(), found.end());
  detail.operand_count = static_cast<std::uint32_t>(arity);
  for (const NodeId input : inputs(group.first)) plan_->types.push_back(&tape_->type_of(input));
  plan_->types.push_back(&tape_->type_of(group.first));
  const Extent& out = extent(group.first);
  detail.output = {
      .at = address_[group.first], .rows = out.rows, .columns = out.columns, .pitch = out.columns};
  instruction.output = address_[group.first];
  // One item splits inside, many split between them.
  if (group.count == 1 && operation.tiling == Tiling::none) instruction.splits = 0;
  const Index inside =
      operation.tiling == Tiling::input_rows ? extent(inputs(group.first)[0]).rows : out.rows;
  set_split(instruction, detail, group, group.count == 1 ? inside : group.count);
}

void Planner::emit_sparse(const Group& group, std::span<const NodeId> members) {
  const Operand ids = stacked_operand(nth_inputs(members, 0), true);
  const Operand rows = stacked_operand(nth_inputs(members, 1), false);
  Instruction& instruction = add_instruction(Instruction::Kind::sparse, group.first, nullptr);
  Detail& detail = add_detail(*node(group.first).operation, group.first, 1);
  plan_->operands.push_back(ids);
  plan_->operands.push_back(rows);
  detail.operand_count = 2;
  const Index count = ids.rows * ids.columns;
  const Index width = extent(group.first).columns;
  constexpr Index most_ids = Index{1} << sparse_place_bits,
                  most_rows = Index{1} << (62 - sparse_place_bits);
  if (count > most_ids || extent(group.first).rows > most_rows) {
    throw ValueError(
        fmt::format("{}: a row-sparse gradient takes at most {} ids of {} rows, got {} of {}; {}",
                    node(group.first).operation->name, most_ids, most_rows, count,
                    extent(group.first).rows, tape_->place_of(group.first)));
  }
  const Plan::GradientOutput output{
      .sparse = true,
      .values = allocate(static_cast<std::uint64_t>(count * width) * extent(group.first).element,
                         result_memory),
      .rows = allocate(static_cast<std::uint64_t>(count) * sizeof(Index), result_memory),
      .count = allocate(sizeof(Index), result_memory),
      .size = extent(group.first).rows,
      .width = width};
  instruction.size = count;
  instruction.output = output.values;
  instruction.inputs[0] = output.rows;
  instruction.inputs[1] = output.count;
  address_[group.first] = output.values;
  detail.output = {.at = output.values, .rows = count, .columns = width, .pitch = width};
  sparse_outputs_.push_back(output);
  info_[group.first].merge = static_cast<std::uint32_t>(sparse_outputs_.size() - 1);
}

Address Planner::emit_pack(std::span<const NodeId> nodes, Memory memory) {
  std::uint64_t bytes = 0;
  for (const NodeId id : nodes) bytes += extent(id).bytes();
  const Address to = allocate(bytes, memory);
  Instruction& instruction = add_instruction(Instruction::Kind::pack, nodes[0], nullptr);
  Detail& detail = add_detail(*node(nodes[0]).operation, nodes[0], 1);
  for (const NodeId id : nodes) plan_->operands.push_back(matrix(id));
  detail.operand_count = static_cast<std::uint32_t>(nodes.size());
  detail.output = {.at = to, .rows = 1, .columns = extent(nodes[0]).element, .pitch = 0};
  instruction.output = to;
  return to;
}

// What was asked for, where it can be read; views of leaves and of wider rows are copied.
void Planner::emit_outputs() {
  const auto readable = [&](NodeId id) {
    if (contiguous(id) && !has(info_[id].root, is_leaf)) return at(id);
    return emit_pack({&id, 1}, result_memory);
  };
  for (const NodeId output : request_->outputs)
    plan_->outputs.push_back({output, readable(output)});
  if (request_->retain_all) {
    for (NodeId id = 0; id < tape_->structure().count(); ++id) {
      if ((flags_[id] & (needed | is_leaf | absorbed)) == needed && contiguous(id) &&
          !has(info_[id].root, is_leaf)) {
        plan_->outputs.push_back({id, at(id)});
      }
    }
  }
  for (const auto& gradient : request_->gradients) {
    const NodeId root = info_[gradient.node].root;
    Plan::GradientOutput output;
    if (has(root, sparse)) {
      output = sparse_outputs_[info_[root].merge];
    } else {
      output.values = readable(gradient.node);
      output.size = extent(gradient.node).size;
    }
    output.leaf = gradient.leaf;
    plan_->gradients.push_back(output);
  }
}

}  // namespace tapegrad
