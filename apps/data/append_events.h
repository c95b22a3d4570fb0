#pragma once

#include <tapegrad/apps/data/interactions.h>

namespace tapegrad::apps {

// Adds the events of `part`, with its ids, behind those of `all`; weights must be weighed at one
// time (weigh_at). Throws DataError, which names it, for a column that one of them has and the
// other has not.
void append_events(Interactions& all, const Interactions& part);

}  // namespace tapegrad::apps
