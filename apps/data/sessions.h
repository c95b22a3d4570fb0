// Ordered events: what visitors of a shop looked at, session by session, or what its users had, one
// history each.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <tapegrad/apps/data/event_columns.h>
#include <tapegrad/apps/data/event_weights.h>
#include <tapegrad/apps/data/features.h>
#include <tapegrad/apps/data/history.h>
#include <tapegrad/apps/data/id_map.h>
#include <tapegrad/apps/data/returns.h>
#include <tapegrad/apps/data/table.h>
#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

// How much events of each type count as what comes next.
struct TypeWeights {
  std::vector<double> of;  // by type; empty: all types count the same
  double heaviest = 1.0;   // events of this weight are asked for

  // The numbers of types are those of `type_ids`. A type that the weights do not list has weight 0.
  TypeWeights() = default;
  TypeWeights(const EventWeights& weights, const IdMap& type_ids)
      : of(weights.of_types(type_ids)), heaviest(weights.heaviest()) {}
  // Of a type that is not known, -1, it is 0.
  double weight(std::int16_t type) const {
    if (of.empty()) return 1.0;
    return type < 0 ? 0.0 : of[static_cast<std::size_t>(type)];
  }
};

// Session s has events [offsets[s], offsets[s + 1]), oldest first. Sessions stand in the order of
// their first events' times, or of the file.
struct Sessions {
  IdMap owners;  // session or user ids
  IdMap items;
  IdMap type_ids;  // such as view, cart and purchase
  std::vector<Index> offsets{0};
  std::vector<std::int32_t> events;  // items by number
  std::vector<double> times;         // seconds, one an event; empty without times
  std::vector<std::int16_t> types;   // numbers in type_ids, one an event; empty without types
  TypeWeights type_weights;          // events of weight 0 are read, and never predicted
  std::shared_ptr<const EntityFeatures> item_features;  // null where there are none

  Index count() const { return static_cast<Index>(offsets.size()) - 1; }
  History of(Index session) const {
    const auto begin = static_cast<std::size_t>(offsets[static_cast<std::size_t>(session)]);
    const auto end = static_cast<std::size_t>(offsets[static_cast<std::size_t>(session) + 1]);
    return History{events, times, types}.subspan(begin, end - begin);
  }
  // How much an event of a history of these sessions counts as what comes next, and whether it may
  // be asked for.
  double weight(const History& history, std::size_t place) const {
    return type_weights.of.empty() ? 1.0 : type_weights.weight(history.types[place]);
  }
  bool is_target(const History& history, std::size_t place) const {
    return type_weights.of.empty() || weight(history, place) == type_weights.heaviest;
  }
  // Appends a session. All sessions have times or none has, and the same holds for types.
  void add(const std::string& owner, const History& history);
  // The same items and types without any session.
  Sessions without_sessions() const;
};

struct SessionCounts {
  Index not_positive = 0;     // rows with a rating of 0 or below
  Index events = 0;           // rows that became events
  Returns returns;            // what was taken back, and is no event
  std::vector<double> times;  // the first and the last of the events, or nothing without times
  std::vector<bool> labels;   // by session: whether one of its events has one; as options ask
};

// A table of (session, item[, time][, rating]) or, `histories`, of (user, item[, time][, rating]).
// Events of a session are brought into the order of their times, equal ones in the file's; without
// times the file's order holds. With options.min_rating rows of lower ratings are no events;
// without it ratings do not matter, and only a header or an option tells where they are. Throws
// DataError as read_table does, and for a table without events. `columns` gathers what the rows say
// of items.
Sessions read_sessions(std::span<const std::string> locations, const TableOptions& options,
                       bool histories, ReadReport* report, SessionCounts* counts = nullptr,
                       EventColumns* columns = nullptr);
Sessions read_sessions(const std::string& location, const TableOptions& options, bool histories,
                       ReadReport* report, SessionCounts* counts = nullptr);

// The histories of users cut where nothing happened for more than `gap` seconds. The sessions are
// called by the user and their number, as in "u7/2", and stand in the order of their beginnings.
// Throws DataError for events without times.
Sessions sessions_by_silence(const Sessions& histories, double gap);

// Throws DataError unless there are two items and a session of two events or more.
void require_trainable(const Sessions& sessions, const std::string& path);

// The part of a test that a model of certain items can be asked about.
struct KnownTest {
  // A next item that the test asks for.
  struct Question {
    Index session = 0;       // of `sessions`
    std::size_t prefix = 0;  // how many of its events are known to have come before
    bool is_known = false;   // whether the item is; it is then the event after the prefix
  };
  Sessions sessions;  // the events of known items, in the model's numbers
  std::vector<Question> questions;
  Index unseen_events = 0;   // of items that are not known: no prefix has them
  Index unseen_targets = 0;  // next items that are not known
  Index empty_prefixes = 0;  // next items before which no known item came
  Index short_sessions = 0;  // sessions with fewer than two events, which ask nothing
};
// Every event but the first that is a target is asked for, or, `last_only`, the last one alone,
// with whatever comes before it. `unlearnt`, ascending, are items that the model does not know
// although it has a number for them.
KnownTest known_test(const Sessions& test, const Sessions& training,
                     std::span<const std::int32_t> unlearnt, bool last_only);

}  // namespace tapegrad::apps
