// Splits that come as files: what published results were made on.
#pragma once

#include <optional>

#include <tapegrad/apps/data/split.h>

namespace tapegrad::apps {

// Protocol `files`: trains on `training`, and on `validation` once what is open was chosen on it;
// tests the targets of `test` as protocol temporal does. Throws DataError as temporal_split does.
Split files_split(const Interactions& training, const std::optional<Interactions>& validation,
                  const Interactions& test, Repeats repeats);

}  // namespace tapegrad::apps
