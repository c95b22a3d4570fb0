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
  bool unbatched = false;  // node by node in the order of the tape: for naming the node that failed
  // Addresses of what earlier runs left, by node; may be shorter than the tape.
  std::span<const Address> retained = {};
  std::uint64_t retained_blocks = 0;
};

// Reuses its memory from plan to plan. The stages, in order:
//   planner_reach.cpp     what is needed, where views lie, which additions are one sum, which
//   gradients of one weight merge
//   planner_units.cpp     what runs as one piece, which pieces are alike, and how long each may
//   wait
//   planner_group.cpp     which pieces run together, and in which order
//   planner_rows.cpp      what gets one place though it is computed one by one
//   planner_tasks.cpp     which groups are one task
//   planner_emit.cpp      instructions
//   planner_memory.cpp    where values lie
//   planner_operands.cpp  how the operands of a group are addressed
//   planner_chains.cpp    chains of elementwise work
//   planner_labels.cpp    what a profile says of the instructions
class Planner {
 public:
  std::unique_ptr<Plan> plan(const Tape& tape, const PlanRequest& request);

 private:
  enum Flag : std::uint8_t {
    needed = 1,
    stays = 2,
    alias = 4,
    absorbed = 8,
    is_leaf = 16,
    sparse = 32,
    addend = 64
  };

  // The matrix of a type, so that the planner need not ask Shape.
  struct Extent {
    Index rows = 1, columns = 1, size = 1;
    std::uint32_t element = 4;
    std::uint64_t bytes() const { return static_cast<std::uint64_t>(size) * element; }
  };
  struct Info {
    NodeId root = no_node;  // whose memory holds it
    std::uint32_t uses = 0;
    std::uint32_t unit = ~0u;  // of a root
    std::uint32_t row = ~0u;   // that its value belongs to
    std::uint64_t offset = 0;  // bytes from the root
    Index pitch = 0;
    // For a leader its merge; for a sum or the last of a chain of additions: its operands.
    std::uint32_t merge = ~0u;
  };
  struct Merge {
    std::uint32_t begin = 0, end = 0;  // into members_
  };
  // One place for values that are computed one by one and read together.
  struct Row {
    std::uint64_t bytes = 0;
    std::uint32_t last_reader = 0;  // the position of a group
    Address at = no_address;        // once its first value is placed
  };
  // A node, or a merge, before it is known what it runs together with.
  struct Unit {
    NodeId first = no_node;
    std::uint32_t merge = ~0u;
    std::uint32_t kind = ~0u;   // of units that may run as one; ~0u: runs alone
    std::uint32_t waits = 0;    // for so many producers that are still to run
    std::uint32_t height = 0;   // units on the longest way to a result
    std::uint32_t next = ~0u;   // ready unit of its kind
    std::uint32_t group = ~0u;  // once it is in one
    std::uint32_t first_producer = 0, producer_count = 0;  // into producers_
    std::uint32_t first_consumer = 0;                      // into consumers_
    float cost = 0.0F;                                     // nanoseconds
  };
  struct Kind {
    std::uint32_t first_unit = ~0u;
    std::uint64_t signature = 0;
    std::uint32_t coming = 0;   // units that are not ready
    std::uint32_t ready = ~0u;  // the newest ready unit
    bool waits = true;  // for the others: each is so short that company is worth more than order
    bool due = false;   // at the next level
  };
  struct Group {
    NodeId first = no_node;
    std::uint32_t count = 0;
    std::uint32_t merge = ~0u;
    std::uint32_t begin = 0;                               // into group_members_ and group_units_
    std::uint32_t first_producer = 0, producer_count = 0;  // into producer_groups_
    std::uint32_t last_reader = 0;
    std::uint32_t first_instruction = 0, last_instruction = 0;
    // Its inputs are written to where it would bring them: it has no instruction.
    bool joined = false;
    float cost = 0.0F;  // nanoseconds
  };
  struct Free {
    std::uint64_t offset = 0, bytes = 0;
    // The value that lay there: a group, or a row, whose numbers follow those of the groups.
    std::uint32_t value = 0;
  };
  struct Draft {
    std::vector<std::uint32_t> after;  // tasks, ascending
    double cost = 0.0;
  };

  const Node& node(NodeId id) const { return tape_->structure().nodes[id]; }
  std::span<const NodeId> inputs(NodeId id) const { return tape_->structure().inputs_of(id); }
  std::span<const NodeId> operands_of(NodeId id) const {
    return info_[id].merge == ~0u || node(id).operation->form == Form::rows ? inputs(id)
                                                                            : merged_operands(id);
  }
  std::span<const NodeId> merged_operands(NodeId id) const { return merged(info_[id].merge); }
  std::span<const NodeId> merged(std::uint32_t merge) const {
    return {members_.data() + merges_[merge].begin, merges_[merge].end - merges_[merge].begin};
  }
  const Extent& extent(NodeId id) const { return extents_[node(id).type]; }
  bool has(NodeId id, Flag flag) const { return (flags_[id] & flag) != 0; }
  Address at(NodeId id) const { return address_[info_[id].root] + info_[id].offset; }
  bool contiguous(NodeId id) const {
    return info_[id].pitch == extent(id).columns || extent(id).rows == 1;
  }

  void mark_needed();
  void place_nodes();
  bool place_view(NodeId id);
  void place_leaf(NodeId id);
  void merge_sum(NodeId id);
  void chain_additions(NodeId id);
  bool chained(NodeId id) const {
    return (flags_[id] & (addend | stays | is_leaf)) == addend && info_[id].uses == 1;
  }
  bool mergeable(NodeId id) const;
  bool merges_with(NodeId left, NodeId right) const;
  void choose_outputs();
  void note_reads();

  bool batching_pays();
  void find_units();
  void add_unit(NodeId id, std::uint32_t merge);
  void find_kind(Unit& unit);
  void find_consumers();
  std::span<const std::uint32_t> producers_of(const Unit& unit) const {
    return {producers_.data() + unit.first_producer, unit.producer_count};
  }
  std::span<const std::uint32_t> units_of(const Group& group) const {
    return {group_units_.data() + group.begin, group.count};
  }
  std::span<const NodeId> members_of(const Group& group) const {
    return {group_members_.data() + group.begin, group.count};
  }
  std::uint32_t group_of(NodeId id) const { return units_[info_[id].unit].group; }
  std::span<const std::uint32_t> producers_of(const Group& group) const {
    return {producer_groups_.data() + group.first_producer, group.producer_count};
  }
  bool batchable(NodeId id) const;
  bool alike(NodeId left, NodeId right) const;
  std::uint64_t signature(NodeId id) const;
  double node_cost(NodeId id) const;

  void group_nodes();
  void group_level(std::uint32_t level);
  void group_kind(std::uint32_t kind);
  void add_group(std::span<const std::uint32_t> units);
  void make_ready(std::uint32_t unit);
  void find_group_producers();
  void find_rows();
  void order_merge(const Group& group);
  bool has_own_place(NodeId id) const;
  void add_row(std::span<const NodeId> nodes);
  Row& new_row();
  void note_readers(NodeId id);
  void join(Group& group);
  bool places_apart(const Group& group) const;

  void emit();
  void emit_group(std::uint32_t position);
  Address allocate(std::uint64_t bytes, Memory memory);
  Address allocate_new(std::uint64_t bytes, Memory memory);
  void free_after(std::uint32_t last_reader, Address at, std::uint64_t bytes, std::uint32_t value);
  void release_after(std::uint32_t position);
  void place_output(const Group& group);
  void place_apart(const Group& group);
  void place_in_row(NodeId id);
  bool lies_together(std::span<const NodeId> nodes) const;
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

  void draft_tasks();
  std::uint32_t task_for(const Group& group, std::span<const std::uint32_t> after) const;
  void order_drafts();
  void add_reader(std::uint32_t value, std::uint32_t task);
  void join_readers(std::uint32_t value, std::uint32_t other);
  // Whether all that read the value have ended before the group begins.
  bool read_before(std::uint32_t value, std::uint32_t group) const;
  void chain_elementwise();
  void make_tasks();
  void order_by_task(const std::vector<std::uint32_t>& task_of);

  void label_instructions();

  const Tape* tape_ = nullptr;
  const PlanRequest* request_ = nullptr;
  Plan* plan_ = nullptr;
  bool batching_ = true;
  bool serial_ = true;  // one task
  bool reuses_ = true;  // memory is used again

  std::vector<Extent> extents_;
  std::vector<std::uint8_t> flags_;
  std::vector<Info> info_;
  std::vector<Address> address_;
  std::vector<NodeId> members_;  // of merges, and the operands of their sums
  std::vector<Merge> merges_;
  std::vector<std::uint32_t> depths_;                 // nodes on the longest way to a node
  std::vector<Unit> units_;                           // in a topological order
  std::vector<std::uint32_t> producers_, consumers_;  // of units
  std::vector<Kind> kinds_;
  std::vector<std::uint32_t> slots_;      // hash table of kinds
  std::vector<std::uint32_t> deadlines_;  // units by the last level at which they may run
  std::vector<std::uint32_t> level_starts_;
  std::vector<std::uint32_t> due_, running_;  // units, or kinds, at the next level and at this one
  std::vector<std::uint32_t> company_;        // units of a group
  std::vector<Group> groups_;                 // in the order of running
  std::vector<Row> rows_;
  std::vector<NodeId> group_members_;
  std::vector<std::uint32_t> group_units_;
  std::vector<std::uint32_t> producer_groups_;  // of groups, each once
  std::vector<std::uint32_t> noted_by_;  // by group: the last one that noted it as its producer
  std::vector<NodeId> column_;           // one input of every member
  std::uint32_t emitting_ = 0;           // the position of the group that gets its instructions
  std::vector<Draft> drafts_;            // of tasks
  std::vector<std::uint32_t> task_of_group_;
  std::size_t order_words_ = 0;         // of a set of tasks
  std::vector<std::uint64_t> before_;   // by task: those that end before it begins, and itself
  std::vector<std::uint64_t> readers_;  // by value: tasks
  std::vector<Free> free_;
  std::vector<std::vector<Free>> dying_;  // by position, what is free after it
  std::vector<Plan::GradientOutput> sparse_outputs_;
  std::uint64_t arena_used_ = 0, result_used_ = 0;
  double total_cost_ = 0.0;
};

}  // namespace tapegrad
