// Two models on the same cases.
#pragma once

#include <span>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include <tapegrad/apps/evaluation/measures.h>
#include <tapegrad/apps/evaluation/next_item.h>

namespace tapegrad::apps {

// The mean of the differences of a measure at k, one model's less the other's, with its interval.
struct Comparison {
  Estimate difference;
  Measure measure = Measure::ndcg;
  int k = 0;
  // Whether the interval is above 0, below 0, or neither.
  bool is_better() const { return difference.low > 0.0; }
  bool is_worse() const { return difference.high < 0.0; }
};

// Of the NDCG. Throws DataError for other cases.
Comparison compare(std::span<const RankedCase> one, std::span<const RankedCase> other, int k);
// Of a measure; whole sessions are drawn for the interval, as in estimate_by_session().
Comparison compare(std::span<const RankedNext> one, std::span<const RankedNext> other,
                   Measure measure, int k);

// A difference with its interval and what it says, such as "+0.0120 (95 % interval +0.0050 to
// +0.0190): better".
std::string difference_text(const Estimate& difference);

// An object with the other model, and the difference with its interval.
nlohmann::json to_json(const Comparison& comparison, const std::string& other);
std::string to_text(const Comparison& comparison, const std::string& name,
                    const std::string& other);

}  // namespace tapegrad::apps
