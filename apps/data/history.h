// The events of one visitor or user in their order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

// A session, a user's history, or the beginning or the end of one: oldest event first. It looks
// into the Sessions that it comes from.
struct History {
  std::span<const std::int32_t> items;       // numbers of items
  std::span<const double> times = {};        // seconds, one an event, NaN where it is not known;
                                             // empty without times
  std::span<const std::int16_t> types = {};  // numbers of types, one an event; empty without types

  std::size_t size() const { return items.size(); }
  bool empty() const { return items.empty(); }
  History subspan(std::size_t first, std::size_t count) const {
    return {items.subspan(first, count), times.empty() ? times : times.subspan(first, count),
            types.empty() ? types : types.subspan(first, count)};
  }
  History first(std::size_t count) const { return subspan(0, count); }
  History last(std::size_t count) const { return subspan(size() - count, count); }
  // The last `most` events, or all of fewer.
  History last_at_most(std::size_t most) const { return last(std::min(most, size())); }
};

}  // namespace tapegrad::apps
