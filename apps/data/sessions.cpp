#include <tapegrad/apps/data/sessions.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/event_fields.h>
#include <tapegrad/apps/data/known_names.h>
#include <tapegrad/apps/data/likes.h>

namespace tapegrad::apps {
namespace {

constexpr std::size_t owner_rule = 0, item_rule = 1, time_rule = 2, rating_rule = 3;

struct Event {
  std::int32_t owner = 0, item = 0;
  double time = 0.0;
};

std::array<ColumnRule, 4> event_rules(const TableOptions& options, bool histories) {
  const bool rated = options.min_rating.has_value();
  return {histories ? column_rule(options, "user", user_names, 1, true)
                    : column_rule(options, "session", session_names, 1, true),
          column_rule(options, "item", item_names, 2, true),
          column_rule(options, "time", time_names, 3, false),
          column_rule(options, "rating", rating_names, 0, rated)};
}

}  // namespace

void Sessions::add(const std::string& owner, std::span<const std::int32_t> items_of_session,
                   double end_time) {
  owners.insert(owner);
  events.insert(events.end(), items_of_session.begin(), items_of_session.end());
  offsets.push_back(static_cast<Index>(events.size()));
  end_times.push_back(end_time);
}

Sessions read_sessions(std::span<const std::string> locations, const TableOptions& options,
                       bool histories, ReadReport* report, SessionCounts* counts) {
  IdMap owners, items;
  std::vector<Event> events;
  SessionCounts counted;
  bool timed = false;
  const auto add_row = [&](TableReader& reader) {
    timed = reader.has(time_rule);
    const auto owner = read_id(reader, owner_rule, histories ? "a user" : "a session");
    if (!owner) return;
    const auto item = read_id(reader, item_rule, "an item");
    if (!item) return;
    const std::optional<double> time = read_time(reader, time_rule);
    if (!time) return;
    const std::optional<float> rating = read_rating(reader, rating_rule, options);
    if (!rating) return;
    counted.not_positive += *rating <= 0.0F ? 1 : 0;
    if (options.min_rating && !(static_cast<double>(*rating) >= *options.min_rating)) {
      ++counted.below;
      return;
    }
    events.push_back({static_cast<std::int32_t>(owners.insert(*owner)),
                      static_cast<std::int32_t>(items.insert(*item)), *time});
  };
  const ReadReport read = read_table(locations, options, event_rules(options, histories), add_row);
  if (report != nullptr) *report = read;
  const std::string path = displayed_all(locations);
  require_rows(path, "events", read);
  if (events.empty())
    throw DataError(fmt::format("{}: expected an event with {}, got none", path,
                                describe_likes(options.min_rating)));

  if (timed) {
    const auto [first, last] = std::ranges::minmax(events, {}, &Event::time);
    counted.times = {first.time, last.time};
  }
  if (counts != nullptr) *counts = counted;

  std::vector<double> starts(static_cast<std::size_t>(owners.size()),
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
  Sessions sessions;
  sessions.items = std::move(items);
  std::vector<std::int32_t> own;
  for (std::size_t i = 0; i < events.size(); ++i) {
    own.push_back(events[i].item);
    if (i + 1 < events.size() && events[i + 1].owner == events[i].owner) continue;
    sessions.add(owners.name(events[i].owner), own, events[i].time);
    own.clear();
  }
  if (!timed) sessions.end_times.clear();
  return sessions;
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
