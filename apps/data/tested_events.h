// What is known of the events that a split holds out to test on.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include <tapegrad/apps/data/interactions.h>

namespace tapegrad::apps {

// Parallel lists, one entry a held-out event that is a target.
struct TestedEvents {
  std::vector<std::int32_t> users, items;
  std::vector<float> ratings;   // NaN for none; empty where the table has no ratings
  std::vector<double> revenue;  // price times pieces; empty where the table has no prices

  TestedEvents() = default;
  TestedEvents(const Interactions& events, const std::vector<bool>& is_tested);
};

// The money of the tested events by user and item; without prices of 0 and below.
std::map<std::pair<std::int32_t, std::int32_t>, double> revenue_of_pairs(
    const TestedEvents& events);

}  // namespace tapegrad::apps
