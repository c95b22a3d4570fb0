#include <tapegrad/apps/data/sessions.h>

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/likes.h>

namespace tapegrad::apps {
namespace {

struct Event {
  std::int32_t owner = 0, item = 0;
  double time = 0.0;
  std::int16_t type = 0;
};

}  // namespace

void Sessions::add(const std::string& owner, const History& history) {
  owners.insert(owner);
  events.insert(events.end(), history.items.begin(), history.items.end());
  times.insert(times.end(), history.times.begin(), history.times.end());
  types.insert(types.end(), history.types.begin(), history.types.end());
  offsets.push_back(static_cast<Index>(events.size()));
}

Sessions Sessions::without_sessions() const {
  Sessions empty;
  empty.items = items;
  empty.type_ids = type_ids;
  empty.type_weights = type_weights;
  empty.item_features = item_features;
  return empty;
}

namespace {

// Numbers only the ids of these events, in their order.
std::vector<Event> renumbered(const Interactions& events, IdMap& owners, IdMap& items) {
  std::vector<Event> result;
  for (std::size_t row = 0; row < events.users.size(); ++row) {
    const Index owner = owners.insert(events.user_ids.name(events.users[row]));
    const Index item = items.insert(events.item_ids.name(events.items[row]));
    result.push_back({static_cast<std::int32_t>(owner), static_cast<std::int32_t>(item),
                      events.times.empty() ? 0.0 : events.times[row],
                      events.types.empty() ? std::int16_t{0} : events.types[row]});
  }
  return result;
}

// Each owner's events together, the owners by the times of their first events.
void sort_by_owner(std::vector<Event>& events, Index owner_count) {
  std::vector<double> starts(static_cast<std::size_t>(owner_count),
                             std::numeric_limits<double>::infinity());
  for (const Event& event : events) {
    double& start = starts[static_cast<std::size_t>(event.owner)];
    start = std::min(start, event.time);
  }
  std::ranges::stable_sort(events, [&](const Event& a, const Event& b) {
    const double start_a = starts[static_cast<std::size_t>(a.owner)],
                 start_b = starts[static_cast<std::size_t>(b.owner)];
    if (start_a != start_b) return start_a < start_b;
    return a.owner != b.owner ? a.owner < b.owner : a.time < b.time;
  });
}

Sessions sessions_of(const Interactions& read) {
  Sessions sessions;
  IdMap owners;
  std::vector<Event> events = renumbered(read, owners, sessions.items);
  sort_by_owner(events, owners.size());
  sessions.type_ids = read.type_ids;
  for (std::size_t i = 0; i < events.size(); ++i) {
    sessions.events.push_back(events[i].item);
    if (!read.times.empty()) sessions.times.push_back(events[i].time);
    if (!read.types.empty()) sessions.types.push_back(events[i].type);
    if (i + 1 < events.size() && events[i + 1].owner == events[i].owner) continue;
    sessions.owners.insert(owners.name(events[i].owner));
    sessions.offsets.push_back(static_cast<Index>(i + 1));
  }
  return sessions;
}

}  // namespace

namespace {

std::vector<bool> labels_of(const Sessions& sessions, const Interactions& events) {
  std::vector<bool> labels(static_cast<std::size_t>(sessions.count()), false);
  for (std::size_t row = 0; row < events.labels.size(); ++row) {
    if (events.labels[row])
      labels[static_cast<std::size_t>(
          sessions.owners.find(events.user_ids.name(events.users[row])))] = true;
  }
  return labels;
}

}  // namespace

Sessions read_sessions(std::span<const std::string> locations, const TableOptions& options,
                       bool histories, ReadReport* report, SessionCounts* counts,
                       EventColumns* columns) {
  const Interactions read = read_interactions(
      locations, options, report, histories ? EventOwner::history : EventOwner::session, columns);
  const Returns returns = find_returns(read);
  const Interactions likes = likes_of(read, returns, {.min_rating = options.min_rating});
  if (counts != nullptr) {
    counts->not_positive = count_not_positive(read);
    counts->returns = returns;
    counts->events = likes.size();
    if (!likes.times.empty()) {
      const auto [first, last] = std::ranges::minmax(likes.times);
      counts->times = {first, last};
    }
  }
  Sessions sessions = sessions_of(likes);
  if (counts != nullptr && options.reads_labels) counts->labels = labels_of(sessions, likes);
  return sessions;
}

Sessions read_sessions(const std::string& location, const TableOptions& options, bool histories,
                       ReadReport* report, SessionCounts* counts) {
  return read_sessions(std::span(&location, 1), options, histories, report, counts);
}

Sessions sessions_by_silence(const Sessions& histories, double gap) {
  if (histories.times.empty())
    throw DataError("events are cut into sessions by their times, and these have none");
  struct Part {
    Index owner = 0;
    std::size_t first = 0, count = 0, number = 0;
    double start = 0.0;
  };
  std::vector<Part> parts;
  for (Index s = 0; s < histories.count(); ++s) {
    const History history = histories.of(s);
    std::size_t number = 0;
    for (std::size_t i = 0; i < history.size(); ++i) {
      if (i == 0 || history.times[i] - history.times[i - 1] > gap)
        parts.push_back({s, i, 0, ++number, history.times[i]});
      ++parts.back().count;
    }
  }
  std::ranges::stable_sort(parts, {}, &Part::start);
  Sessions sessions = histories.without_sessions();
  for (const Part& part : parts)
    sessions.add(fmt::format("{}/{}", histories.owners.name(part.owner), part.number),
                 histories.of(part.owner).subspan(part.first, part.count));
  return sessions;
}

void require_trainable(const Sessions& sessions, const std::string& path) {
  if (sessions.items.size() < 2)
    throw DataError(fmt::format("{}: expected at least 2 items to train on, got {}", path,
                                sessions.items.size()));
  for (Index s = 0; s < sessions.count(); ++s) {
    if (sessions.of(s).size() >= 2) return;
  }
  throw DataError(fmt::format("{}: expected a session of 2 events or more, got {} with one each",
                              path, sessions.count()));
}

KnownTest known_test(const Sessions& test, const Sessions& training,
                     std::span<const std::int32_t> unlearnt, bool last_only) {
  KnownTest known;
  known.sessions = training.without_sessions();
  // The model's number of each of the test's types and items, -1 for those that it does not know.
  std::vector<std::int32_t> numbers;
  for (Index i = 0; i < test.items.size(); ++i) {
    const auto number = static_cast<std::int32_t>(training.items.find(test.items.name(i)));
    numbers.push_back(std::ranges::binary_search(unlearnt, number) ? -1 : number);
  }
  std::vector<std::int16_t> type_numbers;
  for (Index i = 0; i < test.type_ids.size(); ++i)
    type_numbers.push_back(
        static_cast<std::int16_t>(training.type_ids.find(test.type_ids.name(i))));
  const bool has_times = !test.times.empty(), has_types = training.type_ids.size() > 0;
  std::vector<std::int32_t> items;
  std::vector<double> times;
  std::vector<std::int16_t> types;
  for (Index s = 0; s < test.count(); ++s) {
    const History session = test.of(s);
    if (session.size() < 2 && !last_only) ++known.short_sessions;
    items.clear();
    times.clear();
    types.clear();
    for (std::size_t i = 0; i < session.size(); ++i) {
      const std::int32_t item = numbers[static_cast<std::size_t>(session.items[i])];
      const bool is_asked = last_only ? i + 1 == session.size() : i > 0;
      if (is_asked && test.is_target(session, i)) {
        known.questions.push_back({known.sessions.count(), items.size(), item >= 0});
        known.unseen_targets += item < 0 ? 1 : 0;
        known.empty_prefixes += items.empty() ? 1 : 0;
      }
      if (item < 0) {
        ++known.unseen_events;
        continue;
      }
      items.push_back(item);
      if (has_times) times.push_back(session.times[i]);
      if (has_types)
        types.push_back(session.types.empty()
                            ? std::int16_t{-1}
                            : type_numbers[static_cast<std::size_t>(session.types[i])]);
    }
    known.sessions.add(test.owners.name(s), {items, times, types});
  }
  return known;
}

}  // namespace tapegrad::apps
