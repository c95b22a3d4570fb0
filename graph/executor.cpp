#include <tapegrad/graph/executor.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_group.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/graph/instructions.h>
#include <tapegrad/graph/lent_arena.h>
#include <tapegrad/graph/thread_state.h>

namespace tapegrad {

NodeFailure::NodeFailure(NodeId failed, const std::exception& error)
    : std::runtime_error(error.what()),
      node(failed),
      bad_value(dynamic_cast<const ValueError*>(&error) != nullptr) {}

struct Executor::Arena {
  LentArena arena;
  tbb::task_group* group = nullptr;
  int threads;
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();

  explicit Arena(int count)
      : arena(count), threads(count > 0 ? count : tbb::this_task_arena::max_concurrency()) {}
  double now() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
};

Executor::Executor(int threads) : arena_(std::make_unique<Arena>(threads)) {}
Executor::~Executor() = default;

// Parts are the same for any number of threads.
template <class Body>
void Executor::split(Index count, Index grain, bool parallel, const Body& body) {
  if (!parallel || count <= grain) {
    body(Index{0}, count);
    return;
  }
  const Index parts = (count + grain - 1) / grain;
  if (arena_->threads == 1) {
    for (Index part = 0; part < parts; ++part)
      body(part * grain, std::min(count, (part + 1) * grain));
    return;
  }
  arena_->arena.execute([&] {
    // Isolated: a thread that waits for these parts must not begin another task of the plan.
    tbb::this_task_arena::isolate([&] {
      tbb::parallel_for(
          Index{0}, parts,
          [&](Index part) {
            const FlushDenormals flush;
            body(part * grain, std::min(count, (part + 1) * grain));
          },
          tbb::simple_partitioner());
    });
  });
}

template <class Body>
void Executor::timed(const Instruction& instruction, const Plan& plan, bool on, const Body& body) {
  if (!on) {
    body();
    return;
  }
  const double begin = arena_->now();
  body();
  const double end = arena_->now();
  const InstructionLabel& label =
      plan.labels->instructions[static_cast<std::size_t>(&instruction - plan.instructions.data())];
  const std::lock_guard lock(times_mutex_);
  times_.push_back(
      {&label,
       static_cast<std::uint32_t>(std::max(0, tbb::this_task_arena::current_thread_index())), begin,
       end});
}

void Executor::forget_times() {
  times_.clear();
  labels_.clear();
}

void Executor::run(const Plan& plan, const RunContext& context) {
  const FlushDenormals flush;
  if (context.profile && (labels_.empty() || labels_.back() != plan.labels))
    labels_.push_back(plan.labels);
  if (plan.tasks.size() == 1)
    run_task(plan, context, plan.tasks[0]);
  else if (arena_->threads == 1)
    for (const Task& task : plan.tasks) run_task(plan, context, task);
  else
    run_tasks(plan, context);
}

void Executor::run_tasks(const Plan& plan, const RunContext& context) {
  if (waiting_size_ < plan.tasks.size()) {
    waiting_size_ = plan.tasks.size() * 2;
    waiting_ = std::make_unique<std::atomic<std::uint32_t>[]>(waiting_size_);
  }
  for (std::size_t i = 0; i < plan.tasks.size(); ++i)
    waiting_[i].store(plan.tasks[i].predecessors, std::memory_order_relaxed);
  arena_->arena.execute([&] {
    tbb::task_group group;
    arena_->group = &group;
    for (std::uint32_t i = 0; i < plan.tasks.size(); ++i) {
      if (plan.tasks[i].predecessors == 0)
        group.run([this, &plan, &context, i] { run_from(plan, context, i); });
    }
    group.wait();
  });
}

// Runs a task, then one that it made ready, and so on; other ready ones are spawned.
void Executor::run_from(const Plan& plan, const RunContext& context, std::uint32_t task) {
  const FlushDenormals flush;
  for (std::uint32_t next = task; next != ~0u;) {
    const Task& current = plan.tasks[next];
    run_task(plan, context, current);
    next = ~0u;
    for (std::uint32_t i = 0; i < current.successor_count; ++i) {
      const std::uint32_t successor = plan.successors[current.first_successor + i];
      if (waiting_[successor].fetch_sub(1, std::memory_order_acq_rel) != 1) continue;
      if (next != ~0u)
        arena_->group->run(
            [this, &plan, &context, successor] { run_from(plan, context, successor); });
      else
        next = successor;
    }
  }
}

void Executor::run_task(const Plan& plan, const RunContext& context, const Task& task) {
  const Instruction* const end = plan.instructions.data() + task.end;
  const bool checks = context.check_finite || context.check_nan;
  if (checks || context.profile || context.locate) {
    for (const Instruction* at = plan.instructions.data() + task.begin; at != end; ++at) {
      try {
        timed(*at, plan, context.profile, [&] { run_instruction(plan, context, *at); });
        if (checks) check_numbers(plan, context, *at);
      } catch (const std::exception& error) {
        if (context.locate) throw NodeFailure(at->node, error);
        throw;
      }
    }
    return;
  }
  for (const Instruction* at = plan.instructions.data() + task.begin; at != end;) {
    if (at->kind == Instruction::Kind::flat && at->chain == 1 && at->splits == 0) {
      run_flat(context.memories, *at);
      ++at;
    } else if (at->kind == Instruction::Kind::flat) {
      run_chain(plan, context, at);
      at += at->chain;
    } else {
      run_instruction(plan, context, *at);
      ++at;
    }
  }
}

void Executor::run_instruction(const Plan& plan, const RunContext& context,
                               const Instruction& instruction) {
  switch (instruction.kind) {
    case Instruction::Kind::flat:
      run_flat(context.memories, instruction);
      break;
    case Instruction::Kind::rows:
      run_rows(plan, context, instruction);
      break;
    case Instruction::Kind::stacked:
      run_kernel(plan, context, instruction);
      break;
    case Instruction::Kind::each:
      run_each(plan, context, instruction);
      break;
    case Instruction::Kind::sum:
      run_sum(plan, context, instruction);
      break;
    case Instruction::Kind::pack:
      run_pack(plan, context.memories, instruction);
      break;
    case Instruction::Kind::sparse:
      run_sparse(plan, context.memories, instruction);
      break;
  }
}

void Executor::run_chain(const Plan& plan, const RunContext& context, const Instruction* first) {
  constexpr Index tile = 2048;
  bool splits = false;
  for (std::uint32_t i = 0; i < first->chain; ++i) splits = splits || first[i].splits != 0;
  split(first->size, 16 * tile, splits, [&](Index begin, Index end) {
    for (Index at = begin; at < end; at += tile) {
      for (std::uint32_t i = 0; i < first->chain; ++i) {
        run_flat_part(context.memories, first[i], size_of(plan.dtype), at,
                      std::min(end, at + tile));
      }
    }
  });
}

void Executor::run_rows(const Plan& plan, const RunContext& context,
                        const Instruction& instruction) {
  split(instruction.size, plan.details[instruction.detail].grain, instruction.splits != 0,
        [&](Index begin, Index end) {
          run_elementwise_rows(plan, context.memories, instruction, begin, end);
        });
}

void Executor::run_sum(const Plan& plan, const RunContext& context,
                       const Instruction& instruction) {
  split(instruction.size, plan.details[instruction.detail].grain, instruction.splits != 0,
        [&](Index begin, Index end) {
          run_sum_part(plan, context.memories, instruction, begin, end);
        });
}

void Executor::run_kernel(const Plan& plan, const RunContext& context,
                          const Instruction& instruction) {
  const Detail& detail = plan.details[instruction.detail];
  split(instruction.size, detail.grain, instruction.splits != 0,
        [&](Index begin, Index end) { run_item(plan, context, instruction, 0, begin, end); });
}

void Executor::run_each(const Plan& plan, const RunContext& context,
                        const Instruction& instruction) {
  const Detail& detail = plan.details[instruction.detail];
  if (detail.items == 1) {
    run_kernel(plan, context, instruction);
    return;
  }
  split(detail.items, detail.grain, instruction.splits != 0, [&](Index begin, Index end) {
    for (Index item = begin; item < end; ++item)
      run_item(plan, context, instruction, static_cast<std::uint32_t>(item), 0, -1);
  });
}

}  // namespace tapegrad
