// Histories that the command line or a file gives.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tapegrad/apps/models/model_file.h>

namespace tapegrad::apps {

// The items of a line (parse_ids) that the model knows, distinct and ascending; the others are told
// on stderr, with `name`, which is where the line comes from.
std::vector<std::int32_t> known_items(std::string_view line, const StoredModel& model,
                                      const std::string& name);

}  // namespace tapegrad::apps
