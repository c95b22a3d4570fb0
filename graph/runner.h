// What is asked of a tape, from the request to the values: look up or make a plan, run it, keep
// what shall stay.
#pragma once

#include <exception>
#include <iosfwd>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include <tapegrad/graph/differentiate.h>
#include <tapegrad/graph/executor.h>
#include <tapegrad/graph/gradients.h>
#include <tapegrad/graph/plan.h>
#include <tapegrad/graph/plan_cache.h>
#include <tapegrad/graph/planner.h>
#include <tapegrad/graph/tape.h>

namespace tapegrad {

// Nanoseconds of the stages of the last request that made a plan, and of the last run.
struct StageTimes {
  double differentiate = 0.0, plan = 0.0, lookup = 0.0, run = 0.0;
  std::size_t forward_nodes = 0, all_nodes = 0, instructions = 0;
};

class Runner {
 public:
  explicit Runner(Tape& tape);

  void clear();
  // Forgets the values of nodes that are taken back: their numbers are used again.
  void forget_from(NodeId first);
  // Forgets all plans and times, which refer to the tape's types and attributes.
  void forget_plans();
  // Whether a profile holds so many times that clear() shall forget them.
  bool full() const { return times().size() > most_times; }
  void evaluate(NodeId node) { evaluate(Kind::evaluate, node); }
  const void* value(NodeId node);
  // The same, but nothing else is kept for later requests, which saves its memory.
  const void* value_alone(NodeId node);
  Gradients backward(NodeId loss);

  // Plans found and plans made since the tape was made.
  std::size_t hits() const { return cache_.hits(); }
  std::size_t misses() const { return cache_.misses(); }
  const StageTimes& stage_times() const { return stage_times_; }
  // The plan of the last run; null before the first.
  const Plan* last_plan() const { return last_plan_.get(); }
  // Of a tape made with TapeOptions::profile: the times of every run since it was made, and of
  // those since the tape was cleared. A clear() that finds more than most_times forgets them all.
  static constexpr std::size_t most_times = std::size_t{1} << 20;
  const std::vector<TimedInstruction>& times() const { return executor_.times(); }
  std::span<const TimedInstruction> recording_times() const {
    return std::span(times()).subspan(first_time_);
  }

 private:
  enum class Kind : NodeId { evaluate, evaluate_alone, backward };

  std::shared_ptr<const Plan> find(Kind kind, NodeId node);
  std::shared_ptr<const Plan> make(Kind kind, NodeId node, bool unbatched);
  void evaluate(Kind kind, NodeId node);
  void collect_targets();
  std::shared_ptr<ResultBlock> take_block();
  void run(const std::shared_ptr<const Plan>& plan, Kind kind, NodeId node, ResultBlock& block);
  void run_memories(const Plan& plan, ResultBlock& block, bool locate);
  void settle(const Plan& plan);
  void check_version(const Leaf& recorded) const;
  void check_parameters() const;
  [[noreturn]] void explain(Kind kind, NodeId node, std::exception_ptr original);
  Gradients collect_gradients(const Plan& plan, const std::shared_ptr<ResultBlock>& block);
  void commit_assignments(const Plan& plan, ResultBlock& block);
  const std::byte* kept(NodeId node) const;
  const std::byte* leaf_value(NodeId node);
  std::vector<NodeId>& request_key(Kind kind, NodeId node);

  struct Run {
    std::shared_ptr<const Plan> plan;
    std::shared_ptr<ResultBlock> block;
  };

  Tape& tape_;
  Planner planner_;
  Differentiator differentiator_;
  Executor executor_;
  PlanCache cache_;
  std::shared_ptr<const Plan> last_plan_;
  StageTimes stage_times_;
  std::size_t first_time_ = 0;  // of this recording

  // What lives longer than a recording. The arena, and what the planner, the differentiator and the
  // executor reuse, are as large as the largest plan so far wants them; the cache has a capacity.
  // Of the result blocks as many are kept as recordings lately took, besides those that somebody
  // holds.
  Buffer arena_;
  std::vector<std::byte*> memories_;
  std::vector<std::shared_ptr<ResultBlock>> blocks_;  // free if nobody else holds them
  std::size_t taken_ = 0, lately_taken_ = 0;  // blocks: by this recording, and by those before it
  std::vector<Run> kept_;                     // of this recording, in order
  std::vector<std::shared_ptr<ResultBlock>> retained_blocks_;
  std::unordered_map<NodeId, std::shared_ptr<ResultBlock>>
      leaf_values_;                // what value() gave of copied leaves
  std::vector<Address> retained_;  // by node
  std::vector<NodeId> retained_requests_;
  std::vector<NodeId> key_;
  std::vector<NodeId> outputs_;
  std::vector<NodeId> targets_, target_gradients_;
  std::vector<std::uint32_t> target_leaves_;
  std::vector<PlanRequest::Gradient> gradient_requests_;
};

// The runs of a tape since it was made, in the format that chrome://tracing and Perfetto read: an
// event for each instruction, with the operation, the layer, the source line, and the nodes that
// ran together. Throws TapeError unless the tape was made with TapeOptions::profile. Profiled runs
// compute the same bits, but do not fuse elementwise work.
void write_chrome_trace(std::ostream& out, Tape& tape);

}  // namespace tapegrad
