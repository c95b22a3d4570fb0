// Splits that come as files: what published results were made on.
#pragma once

#include <optional>

#include <tapegrad/apps/data/split.h>

namespace tapegrad::apps {

// Events of `part`, with its ids, behind those of `all`. A column that one of them has and the
// other has not is a DataError that names it.
void append_events(Interactions& all, const Interactions& part);

// Protocol `files`: trains on `training`, and on `validation` once what is open was chosen on it;
// tests the targets of `test` as protocol temporal does. Throws DataError as temporal_split does.
Split files_split(const Interactions& training, const std::optional<Interactions>& validation,
                  const Interactions& test, Repeats repeats);

}  // namespace tapegrad::apps
