#include <tapegrad/apps/trajectories/trajectories.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/data/ascii.h>
#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

// The stages of a shop, each by the names that it has in files, in lower case.
constexpr std::array<std::array<std::string_view, 5>, 3> known_stages = {
    {{"view", "click", "detail", "pageview", "product_view"},
     {"cart", "addtocart", "add_to_cart", "add-to-cart", "basket"},
     {"purchase", "transaction", "buy", "order", "checkout"}}};

std::vector<std::int16_t> stages_of(const Sessions& sessions, const TrajectoryOptions& options) {
  std::vector<std::int16_t> stages;
  for (const std::string& name : options.funnel) {
    const Index type = sessions.type_ids.find(name);
    if (type < 0) {
      std::vector<std::string> names;
      for (Index i = 0; i < sessions.type_ids.size(); ++i)
        names.push_back(in_quotes(sessions.type_ids.name(i)));
      throw OptionError(
          fmt::format("--funnel: no event is of type {}; there are {}", in_quotes(name),
                      names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
    }
    stages.push_back(static_cast<std::int16_t>(type));
  }
  if (!options.funnel.empty()) return stages;
  for (const auto& names : known_stages) {
    for (Index type = 0; type < sessions.type_ids.size(); ++type) {
      if (std::ranges::find(names, lower_case(sessions.type_ids.name(type))) == names.end())
        continue;
      stages.push_back(static_cast<std::int16_t>(type));
      break;
    }
  }
  return stages;
}

// 1, 2, 3 and 4 by themselves, then powers of two.
std::size_t place_of_length(std::size_t length) {
  return length <= 4 ? length - 1 : static_cast<std::size_t>(std::bit_width(length - 1)) + 1;
}

std::vector<EdgeItem> edge_items(const Sessions& sessions, bool first) {
  const auto items = static_cast<std::size_t>(sessions.items.size());
  std::vector<Index> counts(items, 0), events(items, 0);
  for (const std::int32_t item : sessions.events) ++events[static_cast<std::size_t>(item)];
  for (Index s = 0; s < sessions.count(); ++s) {
    const auto own = sessions.of(s).items;
    if (!own.empty()) ++counts[static_cast<std::size_t>(first ? own.front() : own.back())];
  }
  std::vector<EdgeItem> edges;
  for (std::size_t item = 0; item < items; ++item) {
    if (counts[item] == 0) continue;
    const auto count = static_cast<double>(counts[item]);
    edges.push_back({static_cast<std::int32_t>(item), counts[item],
                     count / static_cast<double>(sessions.count()),
                     count / static_cast<double>(events[item])});
  }
  std::ranges::sort(edges, [](const EdgeItem& a, const EdgeItem& b) {
    return std::tie(b.sessions, a.item) < std::tie(a.sessions, b.item);
  });
  return edges;
}

void find_repeats(Trajectories& found, const Sessions& histories,
                  const std::vector<std::int16_t>& stages) {
  std::vector<double> gaps;
  std::unordered_map<std::int32_t, double> last;
  for (Index s = 0; s < histories.count(); ++s) {
    const History history = histories.of(s);
    last.clear();
    for (std::size_t i = 0; i < history.size(); ++i) {
      if (!stages.empty() && history.types[i] != stages.back()) continue;
      const double time = history.times.empty() ? 0.0 : history.times[i];
      const auto [before, is_new] = last.emplace(history.items[i], time);
      if (is_new) continue;
      ++found.repeated;
      if (!history.times.empty()) gaps.push_back(time - before->second);
      before->second = time;
    }
  }
  found.repeats = distribution_of(std::move(gaps));
}

}  // namespace

std::string length_range(std::size_t place) {
  if (place < 4) return std::to_string(place + 1);
  return fmt::format("{} to {}", (std::size_t{1} << (place - 2)) + 1,
                     std::size_t{1} << (place - 1));
}

Trajectories analyse(const Sessions& histories, const TrajectoryOptions& options) {
  Trajectories found;
  found.sessions = options.gap ? sessions_by_silence(histories, *options.gap) : histories;
  const Sessions& sessions = found.sessions;
  const std::vector<std::int16_t> stages = stages_of(sessions, options);
  std::vector<double> lengths, durations;
  for (Index s = 0; s < sessions.count(); ++s) {
    const History session = sessions.of(s);
    if (session.empty()) continue;
    lengths.push_back(static_cast<double>(session.size()));
    const std::size_t place = place_of_length(session.size());
    if (place >= found.length_counts.size()) found.length_counts.resize(place + 1, 0);
    ++found.length_counts[place];
    if (!session.times.empty()) durations.push_back(session.times.back() - session.times.front());
  }
  found.lengths = distribution_of(std::move(lengths));
  found.durations = distribution_of(std::move(durations));
  if (!sessions.types.empty()) {
    found.funnel = funnel_of(sessions, stages);
    found.type_transitions = transitions_of(type_states(sessions));
  }
  const auto states = item_states(sessions);
  found.item_transitions = transitions_of(states);
  const double least = std::ceil(options.least_support * static_cast<double>(sessions.count()));
  found.paths =
      frequent_paths(states, options.longest_path, std::max<Index>(2, static_cast<Index>(least)));
  found.entries = edge_items(sessions, true);
  found.exits = edge_items(sessions, false);
  find_repeats(found, histories, stages);
  return found;
}

}  // namespace tapegrad::apps
