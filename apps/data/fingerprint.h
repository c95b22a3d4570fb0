#pragma once

#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/sessions.h>
#include <tapegrad/apps/data/split.h>
#include <cstdint>
#include <string>

namespace tapegrad::apps {

// A 64-bit hash of the ids and events as read; it does not depend on file format, compression,
// column order or machine. The order of the events does count, since it decides among equal times.
std::uint64_t fingerprint(const Interactions& interactions);

// The same over the training events and the test cases of a split that comes ready-made.
std::uint64_t fingerprint(const Split& split);

// The same of sessions and their events.
std::uint64_t fingerprint(const Sessions& sessions);

// 16 lower-case hexadecimal digits.
std::string hexadecimal(std::uint64_t value);

}  // namespace tapegrad::apps
