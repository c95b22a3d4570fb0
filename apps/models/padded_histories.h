// Histories of several lengths as one rectangle.
#pragma once

#include <span>
#include <vector>

#include <tapegrad/apps/models/event_inputs.h>

namespace tapegrad::apps {

struct PaddedHistories {
  EventInputs events;           // [batch, length], with padding after the events
  std::vector<Index> rows;      // the place of each event, history by history
  Index batch = 0, length = 0;  // the length is that of the longest history, at least 1
};

PaddedHistories pad_histories(std::span<const History> histories);

}  // namespace tapegrad::apps
