// Tasks, which order them, and so when memory may be used again.
#include <algorithm>
#include <numeric>

#include <tapegrad/graph/planner.h>

namespace tapegrad {
namespace {

// Nanoseconds of a plan below which waking a thread costs more than it brings.
constexpr double parallel_cost = 200000.0;
constexpr double task_cost = 20000.0;  // below, work is chained
constexpr std::size_t most_order_words = std::size_t{1} << 20;

}  // namespace

// Groups become tasks greedily, in order: small work joins the task that it waits for, unless that
// would hold it back.
void Planner::draft_tasks() {
  drafts_.clear();
  task_of_group_.assign(groups_.size(), 0);
  // A run that names the node that failed takes nodes, and parts of them, strictly in order.
  serial_ = request_->unbatched || total_cost_ < parallel_cost;
  reuses_ = serial_;
  if (serial_) return;
  std::vector<std::uint32_t> after;
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    const Group& group = groups_[g];
    after.clear();
    for (const std::uint32_t producer : producers_of(group))
      after.push_back(task_of_group_[producer]);
    std::ranges::sort(after);
    after.erase(std::unique(after.begin(), after.end()), after.end());
    const std::uint32_t task = task_for(group, after);
    if (task == drafts_.size()) drafts_.push_back({after, 0.0});
    drafts_[task].cost += static_cast<double>(group.cost);
    task_of_group_[g] = task;
  }
  order_drafts();
}

// The draft that a group joins which waits for the tasks `after`; a new one's number if none.
std::uint32_t Planner::task_for(const Group& group, std::span<const std::uint32_t> after) const {
  const auto none = static_cast<std::uint32_t>(drafts_.size());
  if (drafts_.empty() || static_cast<double>(group.cost) >= task_cost) return none;
  if (after.empty())
    return drafts_.back().after.empty() && drafts_.back().cost < task_cost ? none - 1 : none;
  // The newest task that it waits for, or one that waits for the same.
  for (const std::uint32_t candidate : {after.back(), none - 1}) {
    const Draft& draft = drafts_[candidate];
    const bool joins = draft.cost < task_cost && std::ranges::all_of(after, [&](std::uint32_t t) {
                         return t == candidate || std::ranges::binary_search(draft.after, t);
                       });
    if (joins) return candidate;
  }
  return none;
}

// Which tasks end before each begins, and which read each group's values: as sets of bits, unless
// they would be very many.
void Planner::order_drafts() {
  order_words_ = (drafts_.size() + 63) / 64;
  reuses_ = (drafts_.size() + groups_.size()) * order_words_ <= most_order_words;
  if (!reuses_) return;
  before_.assign(drafts_.size() * order_words_, 0);
  for (std::uint32_t t = 0; t < drafts_.size(); ++t) {
    std::uint64_t* own = before_.data() + t * order_words_;
    for (const std::uint32_t earlier : drafts_[t].after) {
      const std::uint64_t* others = before_.data() + earlier * order_words_;
      for (std::size_t w = 0; w < order_words_; ++w) own[w] |= others[w];
    }
    own[t / 64] |= std::uint64_t{1} << (t % 64);
  }
  readers_.assign(groups_.size() * order_words_, 0);
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    add_reader(g, task_of_group_[g]);  // the writer, where nobody reads
    for (const std::uint32_t producer : producers_of(groups_[g]))
      add_reader(producer, task_of_group_[g]);
  }
}

void Planner::add_reader(std::uint32_t value, std::uint32_t task) {
  readers_[value * order_words_ + task / 64] |= std::uint64_t{1} << (task % 64);
}

void Planner::join_readers(std::uint32_t value, std::uint32_t other) {
  if (serial_) return;
  for (std::size_t w = 0; w < order_words_; ++w)
    readers_[value * order_words_ + w] |= readers_[other * order_words_ + w];
}

bool Planner::read_before(std::uint32_t value, std::uint32_t group) const {
  if (serial_) return true;
  const std::uint64_t* readers = readers_.data() + value * order_words_;
  const std::uint64_t* before = before_.data() + task_of_group_[group] * order_words_;
  for (std::size_t w = 0; w < order_words_; ++w) {
    if ((readers[w] & ~before[w]) != 0) return false;
  }
  return true;
}

void Planner::make_tasks() {
  const auto count = static_cast<std::uint32_t>(plan_->instructions.size());
  if (serial_) {
    plan_->tasks.push_back({0, count, 0, 0, 0});
    return;
  }
  std::vector<std::uint32_t> task_of(count, 0);
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    for (std::uint32_t i = groups_[g].first_instruction; i < groups_[g].last_instruction; ++i)
      task_of[i] = task_of_group_[g];
  }
  // Copies of results come after everything.
  const std::uint32_t groups_end = groups_.empty() ? 0 : groups_.back().last_instruction;
  if (groups_end < count) {
    std::vector<std::uint32_t> all(drafts_.size());
    std::iota(all.begin(), all.end(), 0u);
    for (std::uint32_t i = groups_end; i < count; ++i)
      task_of[i] = static_cast<std::uint32_t>(drafts_.size());
    drafts_.push_back({all, 0.0});
  }
  plan_->tasks.assign(drafts_.size(), {});
  std::vector<std::uint32_t> starts(drafts_.size() + 1, 0);
  for (std::uint32_t t = 0; t < drafts_.size(); ++t) {
    plan_->tasks[t].predecessors = static_cast<std::uint32_t>(drafts_[t].after.size());
    for (const std::uint32_t before : drafts_[t].after) ++plan_->tasks[before].successor_count;
  }
  std::uint32_t first = 0;
  for (std::uint32_t t = 0; t < drafts_.size(); ++t) {
    plan_->tasks[t].first_successor = starts[t] = first;
    first += plan_->tasks[t].successor_count;
  }
  plan_->successors.assign(first, 0);
  for (std::uint32_t t = 0; t < drafts_.size(); ++t) {
    for (const std::uint32_t before : drafts_[t].after) plan_->successors[starts[before]++] = t;
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
  for (std::size_t i = 0; i < task_of.size(); ++i)
    ordered[at[task_of[i]]++] = plan_->instructions[i];
  plan_->instructions.swap(ordered);
}

}  // namespace tapegrad
