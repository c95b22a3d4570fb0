#include <tapegrad/apps/data/tested_events.h>

#include <cmath>

namespace tapegrad::apps {

TestedEvents::TestedEvents(const Interactions& events, const std::vector<bool>& is_tested) {
  for (std::size_t row = 0; row < is_tested.size(); ++row) {
    if (!is_tested[row] || !events.is_target(row)) continue;
    users.push_back(events.users[row]);
    items.push_back(events.items[row]);
    if (!events.ratings.empty()) ratings.push_back(events.ratings[row]);
    if (events.prices.empty()) continue;
    const double pieces =
        events.quantities.empty() ? 1.0 : static_cast<double>(events.quantities[row]);
    revenue.push_back(static_cast<double>(events.prices[row]) * pieces);
  }
}

std::map<std::pair<std::int32_t, std::int32_t>, double> revenue_of_pairs(
    const TestedEvents& events) {
  std::map<std::pair<std::int32_t, std::int32_t>, double> revenue;
  for (std::size_t i = 0; i < events.revenue.size(); ++i) {
    if (std::isfinite(events.revenue[i]) && events.revenue[i] > 0.0)
      revenue[{events.users[i], events.items[i]}] += events.revenue[i];
  }
  return revenue;
}

}  // namespace tapegrad::apps
