#include <tapegrad/apps/models/padded_histories.h>

#include <algorithm>

namespace tapegrad::apps {

PaddedHistories pad_histories(std::span<const History> histories, PaddedSide side) {
  std::size_t longest = 1;
  for (const History& history : histories) longest = std::max(longest, history.size());
  PaddedHistories padded{.events = {},
                         .mask = {},
                         .rows = {},
                         .batch = static_cast<Index>(histories.size()),
                         .length = static_cast<Index>(longest)};
  const auto add_padding = [&](std::size_t count) {
    padded.events.add_padding(count);
    padded.mask.insert(padded.mask.end(), count, 0.0F);
  };
  for (const History& history : histories) {
    const std::size_t padding = longest - history.size();
    if (side == PaddedSide::before) add_padding(padding);
    for (std::size_t i = 0; i < history.size(); ++i)
      padded.rows.push_back(static_cast<Index>(padded.mask.size() + i));
    padded.events.add(history);
    padded.mask.insert(padded.mask.end(), history.size(), 1.0F);
    if (side == PaddedSide::after) add_padding(padding);
  }
  return padded;
}

}  // namespace tapegrad::apps
