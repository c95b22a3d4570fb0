#include <tapegrad/apps/models/padded_histories.h>

#include <algorithm>

namespace tapegrad::apps {

PaddedHistories pad_histories(std::span<const History> histories) {
  std::size_t longest = 1;
  for (const History& history : histories) longest = std::max(longest, history.size());
  PaddedHistories padded{.events = {},
                         .rows = {},
                         .batch = static_cast<Index>(histories.size()),
                         .length = static_cast<Index>(longest)};
  for (const History& history : histories) {
    const std::size_t first = padded.events.items.size();
    for (std::size_t i = 0; i < history.size(); ++i)
      padded.rows.push_back(static_cast<Index>(first + i));
    padded.events.add(history);
    padded.events.add_padding(longest - history.size());
  }
  return padded;
}

}  // namespace tapegrad::apps
