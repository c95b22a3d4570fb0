#include <fmt/core.h>

#include <tapegrad/apps/evaluation/result.h>
#include <nlohmann/json.hpp>

namespace tapegrad::apps {

RankingResult result_of(std::span<const RankedCase> cases, const std::string& model,
                        const Split& split, int k) {
  RankingResult result;
  result.model = model;
  result.metrics = mean_metrics(cases, k);
  result.protocol = split.protocol;
  result.repeats = split.repeats;
  result.description = split.description;
  result.fingerprint = split.fingerprint;
  return result;
}

nlohmann::json to_json(const RankingResult& result) {
  nlohmann::json json = {{"model", result.model},
                         {"cases", result.metrics.cases},
                         {"protocol", result.protocol},
                         {"repeat_items", result.repeats == Repeats::drop ? "drop" : "keep"},
                         {"description", result.description},
                         {"data", result.fingerprint}};
  if (result.metrics.cases == 0) return json;
  const std::string at = fmt::format("@{}", result.metrics.k);
  json["hr" + at] = result.metrics.hit_rate;
  json["ndcg" + at] = result.metrics.ndcg;
  json["mrr" + at] = result.metrics.mrr;
  json["ties"] = how_ties_rank;
  if (!result.ratings) return json;
  json["rmse"] = result.ratings->rmse;
  json["mae"] = result.ratings->mae;
  json["ratings"] = result.ratings->ratings;
  return json;
}

std::string json_line(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

std::string to_text(const RankingResult& result) {
  const RankingMetrics& metrics = result.metrics;
  if (metrics.cases == 0)
    return fmt::format("{}: trained on everything, not evaluated (protocol {}, data {})",
                       result.model, result.protocol, result.fingerprint);
  const std::string ratings =
      result.ratings ? fmt::format(" RMSE {:.4f} MAE {:.4f} of {} ratings;", result.ratings->rmse,
                                   result.ratings->mae, result.ratings->ratings)
                     : "";
  return fmt::format(
      "{}:{} HR@{} {:.4f} NDCG@{} {:.4f} MRR@{} {:.4f} ({} cases, protocol {}, {}, {}, data {})",
      result.model, ratings, metrics.k, metrics.hit_rate, metrics.k, metrics.ndcg, metrics.k,
      metrics.mrr, metrics.cases, result.protocol, describe(result.repeats), how_ties_rank,
      result.fingerprint);
}

}  // namespace tapegrad::apps
