// Chains of elementwise work, and tasks.
#include <algorithm>
#include <numeric>

#include <tapegrad/graph/planner.h>

namespace tapegrad {
namespace {

constexpr Index chained_elements = 8192;  // smaller values stay in the first cache anyway
constexpr double task_cost = 20000.0;     // below, work is chained

// Whether two byte ranges of one memory meet.
bool overlap(Address left, Address right, std::uint64_t bytes) {
  return memory_of(left) == memory_of(right) && left < right + bytes && right < left + bytes;
}

// Whether `next` may run tile by tile after `instructions`: what they share must lie at the same places.
bool chains(std::span<const Instruction> chain, const Instruction& next, std::uint64_t bytes) {
  if (next.kind != Instruction::Kind::flat || next.size != chain[0].size) return false;
  for (const Instruction& earlier : chain) {
    for (std::uint8_t i = 0; i < next.arity; ++i) {
      const bool advances = (next.steps >> i & 1) != 0;
      if (overlap(earlier.output, next.inputs[i], bytes) && !(advances && next.inputs[i] == earlier.output)) return false;
    }
    for (std::uint8_t i = 0; i < earlier.arity; ++i) {
      const bool advances = (earlier.steps >> i & 1) != 0;
      if (overlap(next.output, earlier.inputs[i], bytes) && !(advances && earlier.inputs[i] == next.output)) return false;
    }
    if (overlap(next.output, earlier.output, bytes) && next.output != earlier.output) return false;
  }
  return true;
}

}  // namespace

void Planner::chain_elementwise() {
  if (!tape_->options().fusion || request_->unbatched) return;
  auto& instructions = plan_->instructions;
  const std::uint64_t element = size_of(plan_->dtype);
  for (const Task& task : plan_->tasks) {
    for (std::size_t i = task.begin; i < task.end;) {
      std::size_t end = i + 1;
      if (instructions[i].kind == Instruction::Kind::flat && instructions[i].size >= chained_elements) {
        const std::uint64_t bytes = static_cast<std::uint64_t>(instructions[i].size) * element;
        while (end < task.end && end - i < 16 && chains(std::span(instructions).subspan(i, end - i), instructions[end], bytes))
          ++end;
        instructions[i].chain = static_cast<std::uint32_t>(end - i);
      }
      i = end;
    }
  }
}

// Groups become tasks greedily, in order: small work joins the task that it waits for, unless that would hold it back.
void Planner::make_tasks() {
  const auto count = static_cast<std::uint32_t>(plan_->instructions.size());
  if (serial_ || total_cost_ < parallel_cost) {
    plan_->tasks.push_back({0, count, 0, 0, 0});
    return;
  }
  struct Draft {
    std::vector<std::uint32_t> after;  // tasks, ascending
    double cost = 0.0;
  };
  std::vector<Draft> drafts;
  std::vector<std::uint32_t> task_of(count, 0);
  std::vector<std::uint32_t> task_of_group(groups_.size(), ~0u);
  std::vector<std::uint32_t> after;
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    const Group& group = groups_[g];
    after.clear();
    for (const std::uint32_t u : units_of(group)) {
      for (const std::uint32_t producer : producers_of(units_[u])) after.push_back(task_of_group[units_[producer].group]);
    }
    std::ranges::sort(after);
    after.erase(std::unique(after.begin(), after.end()), after.end());
    std::uint32_t task = ~0u;
    if (!after.empty()) {
      // The newest task that it waits for, or one that waits for the same.
      for (std::uint32_t candidate : {after.back(), static_cast<std::uint32_t>(drafts.size() - 1)}) {
        const Draft& draft = drafts[candidate];
        const bool joins = draft.cost < task_cost && static_cast<double>(group.cost) < task_cost &&
                           std::ranges::all_of(after, [&](std::uint32_t t) {
                             return t == candidate || std::ranges::binary_search(draft.after, t);
                           });
        if (joins) {
          task = candidate;
          break;
        }
      }
    } else if (!drafts.empty() && drafts.back().after.empty() && drafts.back().cost < task_cost &&
               static_cast<double>(group.cost) < task_cost) {
      task = static_cast<std::uint32_t>(drafts.size()) - 1;
    }
    if (task == ~0u) {
      task = static_cast<std::uint32_t>(drafts.size());
      drafts.push_back({after, 0.0});
    }
    drafts[task].cost += static_cast<double>(group.cost);
    task_of_group[g] = task;
    for (std::uint32_t i = group.first_instruction; i < group.last_instruction; ++i) task_of[i] = task;
  }
  // Copies of results come after everything.
  const std::uint32_t groups_end = groups_.empty() ? 0 : groups_.back().last_instruction;
  if (groups_end < count) {
    std::vector<std::uint32_t> all(drafts.size());
    std::iota(all.begin(), all.end(), 0u);
    for (std::uint32_t i = groups_end; i < count; ++i) task_of[i] = static_cast<std::uint32_t>(drafts.size());
    drafts.push_back({all, 0.0});
  }
  plan_->tasks.assign(drafts.size(), {});
  std::vector<std::uint32_t> starts(drafts.size() + 1, 0);
  for (std::uint32_t t = 0; t < drafts.size(); ++t) {
    plan_->tasks[t].predecessors = static_cast<std::uint32_t>(drafts[t].after.size());
    for (const std::uint32_t before : drafts[t].after) ++plan_->tasks[before].successor_count;
  }
  std::uint32_t first = 0;
  for (std::uint32_t t = 0; t < drafts.size(); ++t) {
    plan_->tasks[t].first_successor = starts[t] = first;
    first += plan_->tasks[t].successor_count;
  }
  plan_->successors.assign(first, 0);
  for (std::uint32_t t = 0; t < drafts.size(); ++t) {
    for (const std::uint32_t before : drafts[t].after) plan_->successors[starts[before]++] = t;
  }
  order_by_task(task_of);
}

// Tasks hold their instructions one after another, in the order in which they were emitted.
void Planner::order_by_task(const std::vector<std::uint32_t>& task_of) {
  std::vector<std::uint32_t> at(plan_->tasks.size() + 1, 0);
  for (const std::uint32_t task : task_of) ++at[task + 1];
  std::partial_sum(at.begin(), at.end(), at.begin());
  for (std::size_t t = 0; t < plan_->tasks.size(); ++t) {
    plan_->tasks[t].begin = at[t];
    plan_->tasks[t].end = at[t + 1];
  }
  std::vector<Instruction> ordered(plan_->instructions.size());
  for (std::size_t i = 0; i < task_of.size(); ++i) ordered[at[task_of[i]]++] = plan_->instructions[i];
  plan_->instructions.swap(ordered);
}

}  // namespace tapegrad
