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
};

}  // namespace

void Sessions::add(const std::string& owner, std::span<const std::int32_t> items_of_session,
                   double end_time) {
  owners.insert(owner);
  events.insert(events.end(), items_of_session.begin(), items_of_session.end());
  offsets.push_back(static_cast<Index>(events.size()));
  end_times.push_back(end_time);
}

namespace {

// Numbers only the ids of these events, in their order.
std::vector<Event> renumbered(const Interactions& events, IdMap& owners, IdMap& items) {
  std::vector<Event> result;
  for (std::size_t row = 0; row < events.users.size(); ++row) {
    const Index owner = owners.insert(events.user_ids.name(events.users[row]));
    const Index item = items.insert(events.item_ids.name(events.items[row]));
    result.push_back({static_cast<std::int32_t>(owner), static_cast<std::int32_t>(item),
                      events.times.empty() ? 0.0 : events.times[row]});
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
  std::vector<std::int32_t> own;
  for (std::size_t i = 0; i < events.size(); ++i) {
    own.push_back(events[i].item);
    if (i + 1 < events.size() && events[i + 1].owner == events[i].owner) continue;
    sessions.add(owners.name(events[i].owner), own, events[i].time);
    own.clear();
  }
  if (read.times.empty()) sessions.end_times.clear();
  return sessions;
}

}  // namespace

Sessions read_sessions(std::span<const std::string> locations, const TableOptions& options,
                       bool histories, ReadReport* report, SessionCounts* counts) {
  const Interactions read = read_interactions(
      locations, options, report, histories ? EventOwner::history : EventOwner::session);
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
  return sessions_of(likes);
}

Sessions read_sessions(const std::string& location, const TableOptions& options, bool histories,
                       ReadReport* report, SessionCounts* counts) {
  return read_sessions(std::span(&location, 1), options, histories, report, counts);
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

KnownPart known_part(const Sessions& sessions, const IdMap& items,
                     std::span<const std::int32_t> unlearnt) {
  KnownPart part;
  for (Index i = 0; i < items.size(); ++i) part.sessions.items.insert(items.name(i));
  std::vector<std::int32_t> known;
  for (Index s = 0; s < sessions.count(); ++s) {
    known.clear();
    for (const std::int32_t event : sessions.of(s)) {
      const Index item = items.find(sessions.items.name(event));
      if (item < 0 || std::ranges::binary_search(unlearnt, static_cast<std::int32_t>(item)))
        ++part.unseen_events;
      else
        known.push_back(static_cast<std::int32_t>(item));
    }
    if (known.size() < 2) {
      ++part.short_sessions;
      continue;
    }
    const double end =
        sessions.end_times.empty() ? 0.0 : sessions.end_times[static_cast<std::size_t>(s)];
    part.sessions.add(sessions.owners.name(s), known, end);
  }
  if (sessions.end_times.empty()) part.sessions.end_times.clear();
  return part;
}

}  // namespace tapegrad::apps
