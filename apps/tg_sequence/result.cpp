#include "result.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/ascii.h>
#include <tapegrad/apps/evaluation/result.h>

namespace tapegrad::apps {

nlohmann::json result_json(const std::string& model, std::span<const RankedNext> ranked, int k,
                           const SequenceSplit& split, const std::string& fingerprint) {
  nlohmann::json json = {{"model", model},
                         {"cases", ranked.size()},
                         {"protocol", split.protocol},
                         {"data", fingerprint}};
  if (ranked.empty()) return json;
  const NextItemMetrics metrics = metrics_of(ranked, k);
  const std::string at = fmt::format("@{}", k);
  json["recall" + at] = metrics.recall;
  json["mrr" + at] = metrics.mrr;
  json["ndcg" + at] = metrics.ndcg;
  for (const Measure measure : {Measure::recall, Measure::mrr, Measure::ndcg}) {
    const Estimate estimate = estimate_by_session(
        ranked, [&](std::size_t i) { return measure_of(measure, ranked[i].ranks, 0, k); });
    json["intervals"][fmt::format("{}{}", lower_case(name_of(measure)), at)] = {estimate.low,
                                                                                estimate.high};
  }
  if (split.target == SequenceTarget::basket) {
    json["target"] = "basket";
    json["hr" + at] = metrics.hit_rate;
  } else {
    json["recall_random_ties" + at] = metrics.recall_random_ties;
    json["mrr_random_ties" + at] = metrics.mrr_random_ties;
  }
  if (metrics.known_cases < metrics.cases) {
    json["known_cases"] = metrics.known_cases;
    json["recall_known" + at] = metrics.known_recall;
    json["mrr_known" + at] = metrics.known_mrr;
  }
  json["repeat_items"] = split.repeats == Repeats::drop ? "drop" : "keep";
  json["ties"] = how_ties_rank;
  return json;
}

std::string result_text(const std::string& model, std::span<const RankedNext> ranked, int k,
                        const SequenceSplit& split) {
  if (ranked.empty())
    return fmt::format("{}: trained on everything, not evaluated (protocol {})", model,
                       split.protocol);
  const NextItemMetrics metrics = metrics_of(ranked, k);
  std::string text = fmt::format("{}: Recall@{} {:.4f} MRR@{} {:.4f} NDCG@{} {:.4f}", model, k,
                                 metrics.recall, k, metrics.mrr, k, metrics.ndcg);
  if (split.target == SequenceTarget::basket)
    text += fmt::format(" HR@{} {:.4f}", k, metrics.hit_rate);
  const std::string asked = split.target == SequenceTarget::basket ? "baskets" : "cases";
  text +=
      fmt::format(" ({} {}, protocol {}, {})", metrics.cases, asked, split.protocol, how_ties_rank);
  if (metrics.known_cases < metrics.cases)
    text +=
        fmt::format("; of the {} whose next item was trained on: Recall@{} {:.4f} MRR@{} {:.4f}",
                    metrics.known_cases, k, metrics.known_recall, k, metrics.known_mrr);
  return text;
}

}  // namespace tapegrad::apps
