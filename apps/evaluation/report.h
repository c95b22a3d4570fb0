// A model's measures on the cases of a split, whole and by parts.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <tapegrad/apps/data/split.h>
#include <tapegrad/apps/evaluation/measures.h>

namespace tapegrad::apps {

// Some of the cases, or some of their relevant items, with the mean of each measure at the first k.
struct ReportPart {
  std::string name;  // such as "tail items"
  Index cases = 0;
  std::array<double, all_measures.size()> means{};
};

struct Report {
  std::vector<int> ks;
  // By place in `ks` and in all_measures.
  std::vector<std::array<Estimate, all_measures.size()>> estimates;
  ListMeasures lists;  // at the first k
  // Items by how many users have them in the training: head items together have half of all pairs,
  // tail items the last fifth. Users with few and with many events: up to the median of those
  // tested, and above.
  std::vector<ReportPart> parts;
};

// Throws OptionError for no k.
Report make_report(std::span<const RankedCase> cases, const UserItems& training,
                   std::vector<int> ks);

// Adds "measures", by name and k with intervals, "lists" and "parts".
void add_report(nlohmann::json& json, const Report& report);
// Lines of text: a table of the measures, and one of the parts.
std::string to_text(const Report& report);

// Two models on the same cases: the mean of the differences of NDCG at k with its interval.
struct Comparison {
  Estimate difference;
  int k = 0;
  // Whether the interval is above 0, below 0, or neither.
  bool is_better() const { return difference.low > 0.0; }
  bool is_worse() const { return difference.high < 0.0; }
};
Comparison compare(std::span<const RankedCase> one, std::span<const RankedCase> other, int k);
std::string to_text(const Comparison& comparison, const std::string& name,
                    const std::string& other);

}  // namespace tapegrad::apps
