#pragma once

#include <tapegrad/apps/data/split.h>
#include <tapegrad/apps/evaluation/ranking.h>
#include <tapegrad/apps/evaluation/rating_errors.h>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>

namespace tapegrad::apps {

// How ties are ranked, as every result states it.
inline constexpr const char* how_ties_rank = "ties count against the model";

// Metrics with everything that another result must share to be comparable.
struct RankingResult {
  std::string model;
  RankingMetrics metrics;
  std::optional<RatingErrors> ratings;  // of a model that predicts ratings
  std::string protocol;
  Repeats repeats = Repeats::drop;
  std::string description;
  std::string fingerprint;
};

// Of the split's cases, ranked.
RankingResult result_of(std::span<const RankedCase> cases, const std::string& model,
                        const Split& split, int k);

// An object with model, hr@K, ndcg@K, mrr@K, where ratings are predicted rmse and mae, cases,
// protocol, repeat_items, description, ties and data (the fingerprint).
nlohmann::json to_json(const RankingResult& result);

// The object on a line. Ids that are not UTF-8, which JSON must be, have U+FFFD in place of what is
// not.
std::string json_line(const nlohmann::json& json);

// One line, such as
// `ease: HR@10 0.7180 NDCG@10 0.4500 MRR@10 0.3600 (6040 cases, protocol ncf, repeated items
// dropped, ties count against the model, data 01..ef)`; without cases there are no figures.
std::string to_text(const RankingResult& result);

}  // namespace tapegrad::apps
