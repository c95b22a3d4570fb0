#include <tapegrad/apps/trajectories/funnel.h>

#include <algorithm>

namespace tapegrad::apps {

std::vector<FunnelStage> funnel_of(const Sessions& sessions, std::span<const std::int16_t> stages) {
  std::vector<FunnelStage> funnel;
  std::vector<std::vector<double>> waits(stages.size());
  for (const std::int16_t type : stages) funnel.push_back({.type = type});
  for (Index s = 0; s < sessions.count(); ++s) {
    const History session = sessions.of(s);
    std::size_t place = 0;
    double before = 0.0;
    for (std::size_t stage = 0; stage < stages.size(); ++stage) {
      while (place < session.size() && session.types[place] != stages[stage]) ++place;
      if (place == session.size()) break;
      ++funnel[stage].sessions;
      if (!session.times.empty()) {
        if (stage > 0) waits[stage].push_back(session.times[place] - before);
        before = session.times[place];
      }
      ++place;
    }
  }
  const auto part = [](Index some, Index all) {
    return all > 0 ? static_cast<double>(some) / static_cast<double>(all) : 0.0;
  };
  for (std::size_t stage = 0; stage < funnel.size(); ++stage) {
    funnel[stage].of_first = part(funnel[stage].sessions, funnel[0].sessions);
    funnel[stage].of_before = stage == 0 ? part(funnel[0].sessions, funnel[0].sessions)
                                         : part(funnel[stage].sessions, funnel[stage - 1].sessions);
    funnel[stage].since = distribution_of(std::move(waits[stage]));
  }
  return funnel;
}

}  // namespace tapegrad::apps
