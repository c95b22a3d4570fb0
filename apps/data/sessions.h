// Ordered events: what visitors of a shop looked at, session by session, or what its users had, one
// history each.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/data/id_map.h>
#include <tapegrad/apps/data/returns.h>
#include <tapegrad/apps/data/table.h>
#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

// Session s has events [offsets[s], offsets[s + 1]), oldest first. Sessions stand in the order of
// their first events' times, or of the file.
struct Sessions {
  IdMap owners;  // session or user ids
  IdMap items;
  std::vector<Index> offsets{0};
  std::vector<std::int32_t> events;  // items by number
  std::vector<double> end_times;     // of each session's last event; empty without times

  Index count() const { return static_cast<Index>(offsets.size()) - 1; }
  std::span<const std::int32_t> of(Index session) const {
    const auto begin = static_cast<std::size_t>(offsets[static_cast<std::size_t>(session)]);
    const auto end = static_cast<std::size_t>(offsets[static_cast<std::size_t>(session) + 1]);
    return std::span(events).subspan(begin, end - begin);
  }
  void add(const std::string& owner, std::span<const std::int32_t> items_of_session,
           double end_time);
};

struct SessionCounts {
  Index not_positive = 0;     // rows with a rating of 0 or below
  Index events = 0;           // rows that became events
  Returns returns;            // what was taken back, and is no event
  std::vector<double> times;  // the first and the last of the events, or nothing without times
};

// A table of (session, item[, time][, rating]) or, `histories`, of (user, item[, time][, rating]).
// Events of a session are brought into the order of their times, equal ones in the file's; without
// times the file's order holds. With options.min_rating rows of lower ratings are no events;
// without it ratings do not matter, and only a header or an option tells where they are. Throws
// DataError as read_table does, and for a table without events.
Sessions read_sessions(std::span<const std::string> locations, const TableOptions& options,
                       bool histories, ReadReport* report, SessionCounts* counts = nullptr);
Sessions read_sessions(const std::string& location, const TableOptions& options, bool histories,
                       ReadReport* report, SessionCounts* counts = nullptr);

// Throws DataError unless there are two items and a session of two events or more.
void require_trainable(const Sessions& sessions, const std::string& path);

struct KnownPart {
  Sessions sessions;
  Index unseen_events = 0;   // left out, for their items are not among the known
  Index short_sessions = 0;  // left out, with fewer than two events
};
// The part of the sessions that a model of these items can be asked about, in their numbers;
// `unlearnt`, ascending, are items that the model does not know all the same.
KnownPart known_part(const Sessions& sessions, const IdMap& items,
                     std::span<const std::int32_t> unlearnt = {});

}  // namespace tapegrad::apps
