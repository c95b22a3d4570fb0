#include <tapegrad/apps/trajectories/trajectory_report.h>

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/csv_field.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {
namespace {

template <class Entry>
std::span<const Entry> first_of(const std::vector<Entry>& entries, std::size_t most) {
  return std::span(entries).first(std::min(most, entries.size()));
}

// Without what begins or ends a session.
std::vector<Transition> inner(const std::vector<Transition>& transitions) {
  std::vector<Transition> within;
  std::ranges::copy_if(transitions, std::back_inserter(within), [](const Transition& one) {
    return one.from != Transition::outside && one.to != Transition::outside;
  });
  return within;
}

std::vector<std::string> names_of(const Trajectories& found, const FrequentPath& path) {
  std::vector<std::string> names;
  for (const std::int32_t item : path.states) names.push_back(found.sessions.items.name(item));
  return names;
}

nlohmann::json to_json(const Distribution& values) {
  return {{"count", values.count},       {"mean", values.mean},
          {"smallest", values.smallest}, {"lower_quartile", values.lower},
          {"median", values.median},     {"upper_quartile", values.upper},
          {"largest", values.largest}};
}

std::string quartiles(const Distribution& values) {
  return fmt::format("half between {} and {}, median {}, at most {}", duration_text(values.lower),
                     duration_text(values.upper), duration_text(values.median),
                     duration_text(values.largest));
}

std::string funnel_text(const Trajectories& found) {
  std::string text;
  for (std::size_t i = 0; i < found.funnel.size(); ++i) {
    const FunnelStage& stage = found.funnel[i];
    text += fmt::format("  {:<16} {:>9} sessions  {:5.1f} % of the first",
                        printable(found.sessions.type_ids.name(stage.type)), stage.sessions,
                        100.0 * stage.of_first);
    if (i > 0) {
      text += fmt::format(", {:.1f} % drop off before", 100.0 * (1.0 - stage.of_before));
      if (stage.since.count > 0)
        text += fmt::format(", median {} later", duration_text(stage.since.median));
    }
    text += '\n';
  }
  return text;
}

std::string transition_text(const IdMap& ids, std::span<const Transition> transitions) {
  std::string text;
  for (const Transition& one : transitions)
    text += fmt::format("  {:>9}  {} > {}  {:.1f} %, lift {:.2f}\n", one.count,
                        printable(state_name(ids, one.from, false)),
                        printable(state_name(ids, one.to, true)), 100.0 * one.share, one.lift);
  return text;
}

std::string edge_text(const Trajectories& found, std::span<const EdgeItem> edges) {
  std::string text;
  for (const EdgeItem& one : edges)
    text += fmt::format("  {:>9}  {}  {:.1f} % of the sessions, {:.1f} % of its events\n",
                        one.sessions, printable(found.sessions.items.name(one.item)),
                        100.0 * one.share, 100.0 * one.of_own);
  return text;
}

}  // namespace

std::string duration_text(double seconds) {
  if (seconds < 60.0) return fmt::format("{:.0f} s", seconds);
  if (seconds < 3600.0) return fmt::format("{:.1f} min", seconds / 60.0);
  if (seconds < 86400.0) return fmt::format("{:.1f} h", seconds / 3600.0);
  return fmt::format("{:.1f} d", seconds / 86400.0);
}

std::string state_name(const IdMap& ids, std::int32_t state, bool is_end) {
  return state == Transition::outside ? (is_end ? "(end)" : "(begin)") : ids.name(state);
}

std::string path_text(const Trajectories& found, const FrequentPath& path) {
  return fmt::format("{}", fmt::join(names_of(found, path), " > "));
}

std::string to_text(const Trajectories& found, std::size_t most) {
  const Sessions& sessions = found.sessions;
  std::string text = fmt::format(
      "{} sessions, {} events, {} items\nlength: {:.2f} events on the average, half between {:.0f} "
      "and {:.0f}, median {:.0f}, at most {:.0f}\n",
      sessions.count(), sessions.events.size(), sessions.items.size(), found.lengths.mean,
      found.lengths.lower, found.lengths.upper, found.lengths.median, found.lengths.largest);
  for (std::size_t place = 0; place < found.length_counts.size(); ++place)
    text +=
        fmt::format("  {:<12} {:>9} sessions\n", length_range(place), found.length_counts[place]);
  if (found.durations.count > 0) text += fmt::format("duration: {}\n", quartiles(found.durations));
  if (!found.funnel.empty()) text += "funnel:\n" + funnel_text(found);
  if (!found.type_transitions.empty())
    text += "what follows what, by the types of events:\n" +
            transition_text(sessions.type_ids, first_of(found.type_transitions, most));
  const std::vector<Transition> items = inner(found.item_transitions);
  text += "items that most often follow one another:\n" +
          transition_text(sessions.items, first_of(items, most));
  text += "frequent paths:\n";
  for (const FrequentPath& path : first_of(found.paths, most))
    text += fmt::format("  {:>9}  {}  {:.2f} % of the sessions, lift {:.1f}\n", path.sessions,
                        printable(path_text(found, path)), 100.0 * path.support, path.lift);
  text += "sessions begin with:\n" + edge_text(found, first_of(found.entries, most));
  text += "sessions end with:\n" + edge_text(found, first_of(found.exits, most));
  text += fmt::format("the same item again: {} times", found.repeated);
  if (found.repeats.count > 0) text += fmt::format(", {}", quartiles(found.repeats));
  return text + '\n';
}

nlohmann::json to_json(const Trajectories& found, std::size_t most) {
  const Sessions& sessions = found.sessions;
  nlohmann::json json = {{"sessions", sessions.count()},
                         {"events", sessions.events.size()},
                         {"items", sessions.items.size()},
                         {"lengths", to_json(found.lengths)},
                         {"durations", to_json(found.durations)},
                         {"repeats", to_json(found.repeats)},
                         {"repeated", found.repeated}};
  for (std::size_t place = 0; place < found.length_counts.size(); ++place)
    json["length_counts"].push_back(
        {{"events", length_range(place)}, {"sessions", found.length_counts[place]}});
  for (const FunnelStage& stage : found.funnel)
    json["funnel"].push_back({{"type", sessions.type_ids.name(stage.type)},
                              {"sessions", stage.sessions},
                              {"of_first", stage.of_first},
                              {"of_before", stage.of_before},
                              {"seconds_since", to_json(stage.since)}});
  const auto add = [&](const char* name, const IdMap& ids, std::span<const Transition> list) {
    json[name] = nlohmann::json::array();
    for (const Transition& one : list)
      json[name].push_back({{"from", state_name(ids, one.from, false)},
                            {"to", state_name(ids, one.to, true)},
                            {"count", one.count},
                            {"share", one.share},
                            {"lift", one.lift}});
  };
  add("type_transitions", sessions.type_ids, found.type_transitions);
  add("item_transitions", sessions.items, first_of(found.item_transitions, most));
  json["paths"] = nlohmann::json::array();
  for (const FrequentPath& path : first_of(found.paths, most))
    json["paths"].push_back({{"items", names_of(found, path)},
                             {"sessions", path.sessions},
                             {"support", path.support},
                             {"lift", path.lift}});
  const auto add_edges = [&](const char* name, std::span<const EdgeItem> edges) {
    json[name] = nlohmann::json::array();
    for (const EdgeItem& one : edges)
      json[name].push_back({{"item", sessions.items.name(one.item)},
                            {"sessions", one.sessions},
                            {"share", one.share},
                            {"of_own_events", one.of_own}});
  };
  add_edges("entries", first_of(found.entries, most));
  add_edges("exits", first_of(found.exits, most));
  return json;
}

std::vector<TrajectoryTable> to_tables(const Trajectories& found) {
  const Sessions& sessions = found.sessions;
  std::vector<TrajectoryTable> tables;
  const auto transitions = [&](const char* name, const IdMap& ids,
                               const std::vector<Transition>& list) {
    std::string csv = "from,to,count,share,lift\n";
    for (const Transition& one : list)
      csv += fmt::format("{},{},{},{},{}\n", csv_field(state_name(ids, one.from, false)),
                         csv_field(state_name(ids, one.to, true)), one.count, one.share, one.lift);
    tables.push_back({name, csv});
  };
  transitions("transitions", sessions.items, found.item_transitions);
  if (!found.type_transitions.empty())
    transitions("types", sessions.type_ids, found.type_transitions);
  if (!found.funnel.empty()) {
    std::string csv = "type,sessions,of_first,of_before,median_seconds_since\n";
    for (const FunnelStage& stage : found.funnel)
      csv += fmt::format("{},{},{},{},{}\n", csv_field(sessions.type_ids.name(stage.type)),
                         stage.sessions, stage.of_first, stage.of_before,
                         stage.since.count > 0 ? fmt::format("{}", stage.since.median) : "");
    tables.push_back({"funnel", csv});
  }
  std::string paths = "path,sessions,support,lift\n";
  for (const FrequentPath& path : found.paths)
    paths += fmt::format("{},{},{},{}\n", csv_field(path_text(found, path)), path.sessions,
                         path.support, path.lift);
  tables.push_back({"paths", paths});
  const auto edges = [&](const char* name, const std::vector<EdgeItem>& list) {
    std::string csv = "item,sessions,share,of_own_events\n";
    for (const EdgeItem& one : list)
      csv += fmt::format("{},{},{},{}\n", csv_field(sessions.items.name(one.item)), one.sessions,
                         one.share, one.of_own);
    tables.push_back({name, csv});
  };
  edges("entries", found.entries);
  edges("exits", found.exits);
  std::string lengths = "events,sessions\n";
  for (std::size_t place = 0; place < found.length_counts.size(); ++place)
    lengths += fmt::format("{},{}\n", length_range(place), found.length_counts[place]);
  tables.push_back({"lengths", lengths});
  return tables;
}

}  // namespace tapegrad::apps
