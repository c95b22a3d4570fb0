// From what is asked of a tape to a plan.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include <tapegrad/graph/plan.h>
#include <tapegrad/graph/tape.h>

namespace tapegrad {

struct PlanRequest {
  struct Gradient {
    std::uint32_t leaf = 0;  // the parameter's
    NodeId node = no_node;   // its gradient
  };
  NodeId loss = no_node;  // nodes from forward_count on are its gradient's and start after it
  NodeId forward_count = 0;
  std::span<const NodeId> outputs = {};      // values that stay
  std::span<const Gradient> gradients = {};  // row-sparse where that is possible
  bool retain_all = false;                   // every value stays
  bool unbatched = false;                    // node by node in the order of the tape: for naming the node that failed
  std::span<const Address> retained = {};    // addresses of what earlier runs left, by node; may be shorter than the tape
  std::uint64_t retained_blocks = 0;
};

// Reuses its memory from plan to plan. The stages, in order:
//   planner_reach.cpp     what is needed, where views lie, depths, which gradients of one weight merge
//   planner_group.cpp     which nodes run together, and in which order
//   planner_emit.cpp      memory and instructions
//   planner_operands.cpp  how the operands of a group are addressed
//   planner_schedule.cpp  chains of elementwise work, and tasks
//   planner_labels.cpp    what a profile says of the instructions
class Planner {
 public:
  std::unique_ptr<Plan> plan(const Tape& tape, const PlanRequest& request);

 private:
  // Nanoseconds of a plan below which it is one task: waking a thread would cost more than it brings.
  static constexpr double parallel_cost = 200000.0;

  enum Flag : std::uint8_t { needed = 1, stays = 2, alias = 4, absorbed = 8, is_leaf = 16, sparse = 32 };

  // The matrix of a type, so that the planner need not ask Shape.
  struct Extent {
    Index rows = 1, columns = 1, size = 1;
    std::uint32_t element = 4;
    std::uint64_t bytes() const { return static_cast<std::uint64_t>(size) * element; }
  };
  struct Info {
    NodeId root = no_node;  // whose memory holds it
    std::uint32_t uses = 0;
    std::uint32_t depth = 0;
    std::uint32_t group = ~0u;  // of a root
    std::uint64_t offset = 0;   // bytes from the root
    Index pitch = 0;
    std::uint32_t merge = ~0u;  // of a leader: its merge; of a sum: its operands
  };
  struct Merge {
    std::uint32_t begin = 0, end = 0;  // into members_
  };
  struct Group {
    NodeId first = no_node;
    std::uint32_t count = 0;
    std::uint32_t depth = 0;
    std::uint32_t merge = ~0u;
    std::uint32_t begin = 0;  // into group_members_
    std::uint32_t last_reader = 0;
    std::uint32_t first_instruction = 0, last_instruction = 0;
    std::uint64_t hash = 0;
    float cost = 0.0F;  // nanoseconds
  };
  struct Free {
    std::uint64_t offset = 0, bytes = 0;
  };

  const Node& node(NodeId id) const { return tape_->structure().nodes[id]; }
  std::span<const NodeId> inputs(NodeId id) const { return tape_->structure().inputs_of(id); }
  std::span<const NodeId> operands_of(NodeId id) const;
  const Extent& extent(NodeId id) const { return extents_[node(id).type]; }
  bool has(NodeId id, Flag flag) const { return (flags_[id] & flag) != 0; }
  Address at(NodeId id) const { return address_[info_[id].root] + info_[id].offset; }
  bool contiguous(NodeId id) const { return info_[id].pitch == extent(id).columns || extent(id).rows == 1; }

  void mark_needed();
  void place_nodes();
  bool place_view(NodeId id);
  void place_leaf(NodeId id);
  void merge_sum(NodeId id);
  bool mergeable(NodeId id) const;
  bool merges_with(NodeId left, NodeId right) const;
  void choose_outputs();
  void note_reads();

  void group_nodes();
  void add_group(NodeId id, std::uint32_t merge);
  bool batchable(NodeId id) const;
  bool alike(NodeId left, NodeId right) const;
  std::uint64_t signature(NodeId id) const;
  double node_cost(NodeId id) const;
  void order_groups();
  void find_last_readers();

  void emit();
  void emit_group(std::uint32_t position);
  Address allocate(std::uint64_t bytes, Memory memory);
  void release_after(std::uint32_t position);
  void place_output(const Group& group);
  void emit_elementwise(const Group& group, std::span<const NodeId> members);
  void emit_sum(const Group& group);
  void emit_stacked(const Group& group, std::span<const NodeId> members);
  void emit_each(const Group& group, std::span<const NodeId> members);
  void emit_sparse(const Group& group, std::span<const NodeId> members);
  void emit_outputs();
  Address emit_pack(std::span<const NodeId> nodes, Memory memory);
  Instruction& add_instruction(Instruction::Kind kind, NodeId first, const Group* group);
  Detail& add_detail(const Operation& operation, NodeId first, std::uint32_t items);
  void set_split(Instruction& instruction, Detail& detail, const Group& group, Index units);

  Operand matrix(NodeId id) const;
  Operand elementwise_operand(std::span<const NodeId> nodes, NodeId output);
  Operand stacked_operand(std::span<const NodeId> nodes, bool whole);
  bool one_pitch(std::span<const NodeId> nodes) const;
  Operand listed_operand(std::span<const NodeId> nodes);
  std::span<const NodeId> nth_inputs(std::span<const NodeId> members, std::size_t input);

  void chain_elementwise();
  void make_tasks();
  void order_by_task(const std::vector<std::uint32_t>& task_of);

  void label_instructions();

  const Tape* tape_ = nullptr;
  const PlanRequest* request_ = nullptr;
  Plan* plan_ = nullptr;
  bool batching_ = true;
  bool serial_ = true;  // one task: memory is used again as soon as its last reader has run

  std::vector<Extent> extents_;
  std::vector<std::uint8_t> flags_;
  std::vector<Info> info_;
  std::vector<Address> address_;
  std::vector<NodeId> members_;  // of merges, and the operands of their sums
  std::vector<Merge> merges_;
  std::vector<Group> groups_;
  std::vector<std::uint32_t> next_;   // of a node in its group, while grouping
  std::vector<std::uint32_t> last_;   // of a group, while grouping
  std::vector<std::uint32_t> slots_;  // hash table of groups
  std::vector<NodeId> group_members_;
  std::vector<std::uint32_t> order_;     // of groups
  std::vector<std::uint32_t> position_;  // of a group in that order
  std::vector<std::uint32_t> counts_;
  std::vector<NodeId> column_;  // one input of every member
  std::vector<Free> free_;
  std::vector<std::vector<Free>> dying_;  // by position, what is free after it
  std::vector<Plan::GradientOutput> sparse_outputs_;
  std::uint64_t arena_used_ = 0, result_used_ = 0;
  double total_cost_ = 0.0;
};

}  // namespace tapegrad
