// What is said of a model that was tested.
#pragma once

#include <span>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include <tapegrad/apps/data/sequence_split.h>
#include <tapegrad/apps/evaluation/next_item.h>

namespace tapegrad::apps {

// An object with model, cases, protocol, data (the fingerprint), and, where there are cases, the
// measures at k with their intervals.
nlohmann::json result_json(const std::string& model, std::span<const RankedNext> ranked, int k,
                           const SequenceSplit& split, const std::string& fingerprint);
// One line.
std::string result_text(const std::string& model, std::span<const RankedNext> ranked, int k,
                        const SequenceSplit& split);

}  // namespace tapegrad::apps
