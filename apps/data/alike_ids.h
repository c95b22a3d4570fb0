// Ids that may be meant to be the same.
#pragma once

#include <string>

#include <tapegrad/apps/data/id_map.h>

namespace tapegrad::apps {

// A sentence that says how many ids of `what` (user, item) differ from another in blanks or in the
// case of letters only, with the first two; empty where none does. The case of ASCII letters
// is looked at, that of others is not.
std::string describe_alike(const std::string& what, const IdMap& ids);

}  // namespace tapegrad::apps
