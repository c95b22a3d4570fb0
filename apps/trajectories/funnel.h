// How many sessions come how far on the way to a purchase.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <tapegrad/apps/data/sessions.h>
#include <tapegrad/apps/trajectories/distribution.h>

namespace tapegrad::apps {

struct FunnelStage {
  std::int16_t type = 0;
  Index sessions = 0;      // that came so far
  double of_first = 0.0;   // as a part of those of the first stage
  double of_before = 0.0;  // as a part of those of the stage before; 1 for the first one
  Distribution since{};    // seconds since the stage before; none without times
};

// A session comes to a stage with its first event of that type after it came to the stage before.
std::vector<FunnelStage> funnel_of(const Sessions& sessions, std::span<const std::int16_t> stages);

}  // namespace tapegrad::apps
