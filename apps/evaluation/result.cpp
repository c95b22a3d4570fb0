#include <fmt/core.h>

#include <tapegrad/apps/evaluation/result.h>
#include <nlohmann/json.hpp>

namespace tapegrad::apps {

RankingResult evaluate_split(const Recommender& recommender, const std::string& model, const Split& split,
                             const UserItems& training, int k, int threads) {
  RankingResult result;
  result.model = model;
  result.metrics = evaluate_ranking(recommender, split.cases, training, k, threads);
  result.protocol = split.protocol;
  result.description = split.description;
  result.fingerprint = split.fingerprint;
  return result;
}

nlohmann::json to_json(const RankingResult& result) {
  const std::string at = fmt::format("@{}", result.metrics.k);
  return {{"model", result.model},
          {"hr" + at, result.metrics.hit_rate},
          {"ndcg" + at, result.metrics.ndcg},
          {"mrr" + at, result.metrics.mrr},
          {"cases", result.metrics.cases},
          {"protocol", result.protocol},
          {"description", result.description},
          {"ties", how_ties_rank},
          {"data", result.fingerprint}};
}

std::string json_line(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

std::string to_text(const RankingResult& result) {
  const RankingMetrics& metrics = result.metrics;
  return fmt::format("{}: HR@{} {:.4f} NDCG@{} {:.4f} MRR@{} {:.4f} ({} cases, protocol {}, {}, data {})", result.model,
                     metrics.k, metrics.hit_rate, metrics.k, metrics.ndcg, metrics.k, metrics.mrr, metrics.cases, result.protocol,
                     how_ties_rank, result.fingerprint);
}

}  // namespace tapegrad::apps
