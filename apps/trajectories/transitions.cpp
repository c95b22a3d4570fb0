#include <tapegrad/apps/trajectories/transitions.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

namespace tapegrad::apps {
namespace {

std::uint64_t key_of(std::int32_t from, std::int32_t to) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(from)) << 32 |
         static_cast<std::uint32_t>(to);
}

}  // namespace

std::vector<Transition> transitions_of(std::span<const std::vector<std::int32_t>> sessions) {
  std::unordered_map<std::uint64_t, Index> counts;
  std::unordered_map<std::int32_t, Index> from_counts, to_counts;
  Index all = 0;
  for (const auto& session : sessions) {
    if (session.empty()) continue;
    for (std::size_t i = 0; i <= session.size(); ++i) {
      const std::int32_t from = i == 0 ? Transition::outside : session[i - 1];
      const std::int32_t to = i == session.size() ? Transition::outside : session[i];
      ++counts[key_of(from, to)];
      ++from_counts[from];
      ++to_counts[to];
      ++all;
    }
  }
  std::vector<Transition> transitions;
  for (const auto& [key, count] : counts) {
    const auto from = static_cast<std::int32_t>(key >> 32), to = static_cast<std::int32_t>(key);
    const double share = static_cast<double>(count) / static_cast<double>(from_counts[from]);
    transitions.push_back({from, to, count, share,
                           share * static_cast<double>(all) / static_cast<double>(to_counts[to])});
  }
  std::ranges::sort(transitions, [](const Transition& a, const Transition& b) {
    return std::tie(b.count, a.from, a.to) < std::tie(a.count, b.from, b.to);
  });
  return transitions;
}

std::vector<std::vector<std::int32_t>> item_states(const Sessions& sessions) {
  std::vector<std::vector<std::int32_t>> states;
  for (Index s = 0; s < sessions.count(); ++s) {
    const auto items = sessions.of(s).items;
    states.emplace_back(items.begin(), items.end());
  }
  return states;
}

std::vector<std::vector<std::int32_t>> type_states(const Sessions& sessions) {
  std::vector<std::vector<std::int32_t>> states;
  for (Index s = 0; s < sessions.count(); ++s) {
    const auto types = sessions.of(s).types;
    states.emplace_back(types.begin(), types.end());
  }
  return states;
}

}  // namespace tapegrad::apps
