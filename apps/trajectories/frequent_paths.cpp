#include <tapegrad/apps/trajectories/frequent_paths.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace tapegrad::apps {
namespace {

using States = std::vector<std::int32_t>;

// How many sessions have each path of a length whose parts are all frequent.
std::map<States, Index> count_paths(std::span<const States> sessions, std::size_t length,
                                    const std::map<States, Index>& shorter) {
  std::map<States, Index> counts;
  std::set<States> own;
  for (const States& session : sessions) {
    own.clear();
    for (std::size_t i = 0; i + length <= session.size(); ++i) {
      const auto begin = session.begin() + static_cast<std::ptrdiff_t>(i);
      const auto end = begin + static_cast<std::ptrdiff_t>(length);
      if (length > 1 &&
          (!shorter.contains(States(begin, end - 1)) || !shorter.contains(States(begin + 1, end))))
        continue;
      own.insert(States(begin, end));
    }
    for (const States& path : own) ++counts[path];
  }
  return counts;
}

}  // namespace

std::vector<FrequentPath> frequent_paths(std::span<const States> sessions, std::size_t longest,
                                         Index least_sessions) {
  const auto all = static_cast<double>(std::max<std::size_t>(1, sessions.size()));
  const auto keep_frequent = [&](std::map<States, Index>& counts) {
    std::erase_if(counts, [&](const auto& one) { return one.second < least_sessions; });
  };
  std::map<States, Index> single = count_paths(sessions, 1, {});
  keep_frequent(single);
  std::vector<FrequentPath> paths;
  std::map<States, Index> shorter = single;
  for (std::size_t length = 2; length <= longest && !shorter.empty(); ++length) {
    std::map<States, Index> counts = count_paths(sessions, length, shorter);
    keep_frequent(counts);
    for (const auto& [states, count] : counts) {
      const double support = static_cast<double>(count) / all;
      double independent = 1.0;
      for (const std::int32_t state : std::set<std::int32_t>(states.begin(), states.end()))
        independent *= static_cast<double>(single.at({state})) / all;
      paths.push_back({states, count, support, support / independent});
    }
    shorter = std::move(counts);
  }
  std::ranges::sort(paths, [](const FrequentPath& a, const FrequentPath& b) {
    return std::tie(b.sessions, a.states) < std::tie(a.sessions, b.states);
  });
  return paths;
}

}  // namespace tapegrad::apps
