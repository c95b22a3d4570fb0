#include <tapegrad/apps/models/event_inputs.h>

#include <algorithm>
#include <cmath>

namespace tapegrad::apps {

SequenceInputs inputs_of(const Sessions& sessions) {
  return {.items = sessions.items.size(),
          .types = sessions.type_ids.size(),
          .item_features = sessions.item_features};
}

void EventInputs::add(const History& history, std::size_t place) {
  items.push_back(history.items[place]);
  types.push_back(history.types.empty() ? 0 : history.types[place] + 1);
  Index interval = 0;
  if (place > 0 && !history.times.empty()) {
    const double seconds = history.times[place] - history.times[place - 1];
    if (!std::isnan(seconds))
      interval = std::min(1 + static_cast<Index>(std::log2(1.0 + std::max(0.0, seconds))),
                          intervals_in_all - 1);
  }
  intervals.push_back(interval);
  const std::size_t known = std::min(place, looked_at);
  const auto before = history.items.subspan(place - known, known);
  revisits.push_back(
      std::min<Index>(std::ranges::count(before, history.items[place]), revisits_in_all - 1));
}

void EventInputs::add(const History& history, std::size_t first, std::size_t count) {
  for (std::size_t place = first; place < first + count; ++place) add(history, place);
}

void EventInputs::add_padding(std::size_t count) {
  for (std::vector<Index>* part : {&items, &types, &intervals, &revisits})
    part->insert(part->end(), count, 0);
}

}  // namespace tapegrad::apps
