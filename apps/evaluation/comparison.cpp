#include <tapegrad/apps/evaluation/comparison.h>

#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

void require_same(std::size_t one, std::size_t other) {
  if (one != other)
    throw DataError(fmt::format("expected the same cases to compare, got {} and {}", one, other));
}

}  // namespace

Comparison compare(std::span<const RankedCase> one, std::span<const RankedCase> other, int k) {
  require_same(one.size(), other.size());
  std::vector<double> differences;
  for (std::size_t i = 0; i < one.size(); ++i)
    differences.push_back(measure_of(Measure::ndcg, one[i].ranks, one[i].competitors, k) -
                          measure_of(Measure::ndcg, other[i].ranks, other[i].competitors, k));
  return {.difference = estimate_of(differences), .k = k};
}

Comparison compare(std::span<const RankedNext> one, std::span<const RankedNext> other,
                   Measure measure, int k) {
  require_same(one.size(), other.size());
  return {.difference = estimate_by_session(one,
                                            [&](std::size_t i) {
                                              return measure_of(measure, one[i].ranks, 0, k) -
                                                     measure_of(measure, other[i].ranks, 0, k);
                                            }),
          .measure = measure,
          .k = k};
}

nlohmann::json to_json(const Comparison& comparison, const std::string& other) {
  return {{"model", other},
          {"difference", comparison.difference.mean},
          {"low", comparison.difference.low},
          {"high", comparison.difference.high}};
}

std::string difference_text(const Estimate& difference) {
  return fmt::format("{:+.4f} (95 % interval {:+.4f} to {:+.4f}): {}", difference.mean,
                     difference.low, difference.high,
                     difference.low > 0.0    ? "better"
                     : difference.high < 0.0 ? "worse"
                                             : "no difference that the cases can tell");
}

std::string to_text(const Comparison& comparison, const std::string& name,
                    const std::string& other) {
  return fmt::format("{} against {}: {}@{} {}", name, other, name_of(comparison.measure),
                     comparison.k, difference_text(comparison.difference));
}

}  // namespace tapegrad::apps
