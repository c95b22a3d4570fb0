// What was found of trajectories, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <tapegrad/apps/trajectories/trajectories.h>

namespace tapegrad::apps {

// Lists show their first `most` entries.
std::string to_text(const Trajectories& found, std::size_t most);
nlohmann::json to_json(const Trajectories& found, std::size_t most);

// A table as a CSV file: transitions, types, funnel, paths, entries, exits and lengths, all of it.
struct TrajectoryTable {
  std::string name;
  std::string csv;
};
std::vector<TrajectoryTable> to_tables(const Trajectories& found);

// Seconds in words, such as "45 s", "3.5 min", "2.1 h" or "12.0 d".
std::string duration_text(double seconds);

// The name of a state of transitions: an item's or a type's id, "(begin)" or "(end)".
std::string state_name(const IdMap& ids, std::int32_t state, bool is_end);

// A path as "a > b > c".
std::string path_text(const Trajectories& found, const FrequentPath& path);

}  // namespace tapegrad::apps
