// Which pieces run together, and in which order.
//
// Levels are run one after another. A unit may run once its inputs have, and must not later than
// its deadline, the last level that delays no result. Short units of one kind wait until one of
// them is due, or all of them are ready; then all that are ready run as one. So the projections of
// all steps of a sequence meet, though they get ready one by one, and no chain gets longer.
#include <algorithm>
#include <functional>

#include <tapegrad/graph/planner.h>

namespace tapegrad {

void Planner::group_nodes() {
  groups_.clear();
  group_members_.clear();
  group_units_.clear();
  const auto count = static_cast<std::uint32_t>(units_.size());
  if (!batching_) {
    for (std::uint32_t u = 0; u < count; ++u) add_group({&u, 1});
    return;
  }
  find_consumers();
  std::uint32_t levels = 0;
  for (const Unit& unit : units_) levels = std::max(levels, unit.height + 1);
  level_starts_.assign(std::size_t{levels} + 1, 0);
  for (const Unit& unit : units_) ++level_starts_[levels - 1 - unit.height];
  for (std::size_t i = 1; i < level_starts_.size(); ++i) level_starts_[i] += level_starts_[i - 1];
  deadlines_.resize(count);
  for (std::uint32_t u = count; u-- > 0;)
    deadlines_[--level_starts_[levels - 1 - units_[u].height]] = u;
  due_.clear();
  for (std::uint32_t u = 0; u < count; ++u) {
    if (units_[u].waits == 0) make_ready(u);
  }
  for (std::uint32_t level = 0; level < levels; ++level) group_level(level);
}

void Planner::make_ready(std::uint32_t u) {
  Unit& unit = units_[u];
  if (unit.kind == ~0u) {
    due_.push_back(u);
    return;
  }
  Kind& kind = kinds_[unit.kind];
  unit.next = kind.ready;
  kind.ready = u;
  --kind.coming;
  if (kind.due || (kind.waits && kind.coming > 0)) return;
  kind.due = true;
  due_.push_back(u);
}

void Planner::group_level(std::uint32_t level) {
  running_.swap(due_);
  due_.clear();
  for (std::uint32_t i = level_starts_[level]; i < level_starts_[level + 1]; ++i) {
    const Unit& unit = units_[deadlines_[i]];
    if (unit.group != ~0u || unit.kind == ~0u || kinds_[unit.kind].due) continue;
    kinds_[unit.kind].due = true;
    running_.push_back(deadlines_[i]);
  }
  std::ranges::sort(running_);
  const std::size_t first = group_units_.size();
  for (const std::uint32_t u : running_) {
    if (units_[u].kind == ~0u)
      add_group({&u, 1});
    else
      group_kind(units_[u].kind);
  }
  // What waits for this level can run at the next one.
  for (std::size_t i = first; i < group_units_.size(); ++i) {
    const std::uint32_t u = group_units_[i];
    const std::uint32_t last = u + 1 < units_.size()
                                   ? units_[u + 1].first_consumer
                                   : static_cast<std::uint32_t>(consumers_.size());
    for (std::uint32_t c = units_[u].first_consumer; c < last; ++c) {
      if (--units_[consumers_[c]].waits == 0) make_ready(consumers_[c]);
    }
  }
}

// In the order of the forward nodes, whichever got ready first, and gradients in that order too:
// then what a merge reads of the ones and of the others lies alike.
void Planner::group_kind(std::uint32_t k) {
  Kind& kind = kinds_[k];
  company_.clear();
  for (std::uint32_t u = kind.ready; u != ~0u; u = units_[u].next) company_.push_back(u);
  const bool gradient =
      request_->loss != no_node && units_[company_[0]].first >= request_->forward_count;
  if (gradient)
    std::ranges::sort(company_, std::greater<>());
  else
    std::ranges::sort(company_);
  kind.ready = ~0u;
  kind.due = false;
  add_group(company_);
}

void Planner::add_group(std::span<const std::uint32_t> units) {
  const auto number = static_cast<std::uint32_t>(groups_.size());
  Group& group = groups_.emplace_back();
  group.first = units_[units[0]].first;
  group.count = static_cast<std::uint32_t>(units.size());
  group.merge = units_[units[0]].merge;
  group.begin = static_cast<std::uint32_t>(group_members_.size());
  group.cost = units_[units[0]].cost * static_cast<float>(units.size());
  for (const std::uint32_t u : units) {
    group_members_.push_back(units_[u].first);
    group_units_.push_back(u);
    units_[u].group = number;
  }
}

// Who reads what, each pair once, though many of a group's units may read of one other group.
void Planner::find_group_producers() {
  producer_groups_.clear();
  noted_by_.assign(groups_.size(), ~0u);
  for (std::uint32_t g = 0; g < groups_.size(); ++g) {
    Group& group = groups_[g];
    group.first_producer = static_cast<std::uint32_t>(producer_groups_.size());
    for (const std::uint32_t u : units_of(group)) {
      for (const std::uint32_t producer : producers_of(units_[u])) {
        const std::uint32_t other = units_[producer].group;
        if (noted_by_[other] == g) continue;
        noted_by_[other] = g;
        producer_groups_.push_back(other);
        groups_[other].last_reader = g;
      }
    }
    group.producer_count =
        static_cast<std::uint32_t>(producer_groups_.size()) - group.first_producer;
  }
}

}  // namespace tapegrad
