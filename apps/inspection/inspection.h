// What is in a table of events, before anything is trained on it.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <tapegrad/apps/data/feature_table.h>
#include <tapegrad/apps/data/interactions.h>

namespace tapegrad::apps {

struct Inspection {
  Index events = 0, users = 0, items = 0;
  Index pairs = 0;         // distinct pairs of a user and an item
  double density = 0.0;    // pairs / (users · items)
  Index repeats = 0;       // events of a pair that came before
  Index duplicates = 0;    // of these, with the time of another event of the pair
  Index single_users = 0;  // users with one event
  Index single_items = 0;  // items with one event
  // Of events a user, and of events an item: the least, the quartiles and the greatest.
  std::vector<double> user_quantiles, item_quantiles;
  // The part of all events that the busiest hundredth of users, and of items, has.
  double top_users = 0.0, top_items = 0.0;

  // Users who act like machines: at 100 different times or more, and either at more than 1,000 on
  // one day or half of them within a second of the one before. The busiest first, at most 10 by
  // name.
  Index machines = 0;
  std::vector<std::string> machine_names;

  bool has_times = false;
  double first = 0.0, last = 0.0;  // seconds
  // Events in each of up to 24 parts of the time, all as long.
  std::vector<Index> by_time;
  // The longest time without events, and where it began.
  double longest_gap = 0.0, gap_begin = 0.0;
  // From the first four fifths of the events by time to the last fifth: the part of the last's
  // events whose item, and whose user, the first does not have; and half the sum of the differences
  // of the items' shares (total variation: 0 the same, 1 nothing in common).
  double new_items = 0.0, new_users = 0.0, drift = 0.0;

  // With a table of items: items with events that it lacks, and items of it without events.
  bool has_table = false;
  Index items_without_features = 0, items_without_events = 0;
};

// `table` may be null.
Inspection inspect(const Interactions& events, const FeatureTable* table);

nlohmann::json to_json(const Inspection& inspection);
std::string to_text(const Inspection& inspection);
// A picture: events over time, and how many events the items have, the busiest first.
std::string to_svg(const Inspection& inspection, const Interactions& events);

}  // namespace tapegrad::apps
