#pragma once

#include <cstdint>

namespace tapegrad::apps {

/// A count, a size or a position.
using Index = std::int64_t;

}  // namespace tapegrad::apps
