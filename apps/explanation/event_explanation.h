// Which events of an ordered history moved a score.
#pragma once

#include <functional>

#include <tapegrad/apps/data/history.h>
#include <tapegrad/apps/explanation/explanation.h>

namespace tapegrad::apps {

// Scores the history, and the history without each of its events in turn: a contribution is the
// first less the second. Parts are InputKind::event. The history has two events or more, for
// without any event there is no score.
Explanation explain_events_by_leaving_out(const std::function<double(const History&)>& score,
                                          const History& history);

// Integrated gradients, as in explain_by_gradients(), from events whose vectors are 0 to the events
// as they are: strengths [events] say how much of each vector counts.
Explanation explain_events_by_gradients(
    const std::function<Tensor(Tape&, const History&, const Tensor& strengths)>& score,
    const History& history, int steps = 256);

}  // namespace tapegrad::apps
