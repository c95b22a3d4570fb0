// Runs plans.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <tapegrad/graph/plan.h>
#include <tapegrad/graph/plan_labels.h>

namespace tapegrad {

// Thrown by runs that locate errors: what a kernel threw, and the node.
struct NodeFailure : std::runtime_error {
  NodeFailure(NodeId failed, const std::exception& error);
  NodeId node;
  bool bad_value;  // the kernel threw ValueError: an id out of range
};

// What a run gets besides the plan.
struct RunContext {
  std::span<std::byte* const> memories;
  std::uint64_t seed = 0;
  std::uint64_t step = 0;
  bool check_finite = false;
  bool check_nan = false;
  bool profile = false;
  bool locate = false;  // say which node failed
};

// One instruction's time, for traces.
struct TimedInstruction {
  const InstructionLabel* label = nullptr;  // stays with the tape
  std::uint32_t thread = 0;
  double begin = 0.0, end = 0.0;  // seconds since the executor was made
};

// One tape's: oneTBB's threads within one arena of the asked size. Denormal numbers are flushed to
// zero while a plan runs, and the caller's setting is restored.
class Executor {
 public:
  explicit Executor(int threads);
  ~Executor();

  // Throws what a kernel threw, with no context added unless the run locates errors; the memories
  // are undefined then.
  void run(const Plan& plan, const RunContext& context);

  const std::vector<TimedInstruction>& times() const { return times_; }
  void forget_times();

 private:
  struct Arena;
  void run_tasks(const Plan& plan, const RunContext& context);
  void run_from(const Plan& plan, const RunContext& context, std::uint32_t task);
  void run_task(const Plan& plan, const RunContext& context, const Task& task);
  void run_instruction(const Plan& plan, const RunContext& context, const Instruction& instruction);
  template <class Body>
  void split(Index count, Index grain, bool parallel, const Body& body);
  template <class Body>
  void timed(const Instruction& instruction, const Plan& plan, bool on, const Body& body);

  void run_chain(const Plan& plan, const RunContext& context, const Instruction* first);
  void run_rows(const Plan& plan, const RunContext& context, const Instruction& instruction);
  void run_kernel(const Plan& plan, const RunContext& context, const Instruction& instruction);
  void run_each(const Plan& plan, const RunContext& context, const Instruction& instruction);
  void run_sum(const Plan& plan, const RunContext& context, const Instruction& instruction);

  std::unique_ptr<Arena> arena_;
  std::unique_ptr<std::atomic<std::uint32_t>[]> waiting_;
  std::size_t waiting_size_ = 0;
  std::mutex times_mutex_;
  std::vector<TimedInstruction> times_;
  std::vector<std::shared_ptr<const PlanLabels>> labels_;  // of the plans whose times are kept
};

// Throws ExecutionError if an instruction's output holds a number that the context forbids: NaN, or
// an infinity too.
void check_numbers(const Plan& plan, const RunContext& context, const Instruction& instruction);

}  // namespace tapegrad
