// What a profile says of the instructions.
#include <tapegrad/graph/plan_labels.h>
#include <tapegrad/graph/planner.h>

namespace tapegrad {

void Planner::label_instructions() {
  const auto leaves_tape = [&](NodeId id) {
    return request_->loss != no_node && id >= request_->forward_count;
  };
  auto labels = std::make_shared<PlanLabels>();
  // The groups' members, then the merges', so that the ranges of both are known.
  labels->nodes.reserve(group_members_.size() + members_.size());
  for (const auto* list : {&group_members_, &members_}) {
    for (const NodeId id : *list)
      labels->nodes.push_back({leaves_tape(id) ? no_node : id, tape_->gradient_of(id)});
  }
  const std::span<const LabelledNode> nodes(labels->nodes);
  labels->instructions.reserve(plan_->instructions.size());
  for (const Instruction& instruction : plan_->instructions) {
    const NodeId first = instruction.node;
    InstructionLabel& label = labels->instructions.emplace_back();
    label.operation = node(first).operation;
    label.type = &tape_->type_of(first);
    label.node = first;
    label.gradient_of = tape_->gradient_of(first);
    label.gradient = leaves_tape(first);
    label.copies = instruction.kind == Instruction::Kind::pack;
    label.line = tape_->line_of(first);
    label.path = tape_->path_of(label.gradient_of != no_node ? label.gradient_of : first);
    if (label.copies) {
      label.count = plan_->details[instruction.detail].operand_count;
      continue;
    }
    const Group& group = groups_[units_[info_[first].unit].group];
    if (group.merge == ~0u) {
      label.nodes = nodes.subspan(group.begin, group.count);
    } else {
      const Merge& merge = merges_[group.merge];
      label.nodes = nodes.subspan(group_members_.size() + merge.begin, merge.end - merge.begin);
    }
    label.count = static_cast<std::uint32_t>(label.nodes.size());
  }
  plan_->labels = std::move(labels);
}

}  // namespace tapegrad
