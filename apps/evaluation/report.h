// A model's measures on the cases of a split, whole and by parts.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <tapegrad/apps/data/split.h>
#include <tapegrad/apps/data/tested_events.h>
#include <tapegrad/apps/evaluation/groups.h>
#include <tapegrad/apps/evaluation/measures.h>
#include <tapegrad/apps/evaluation/revenue.h>

namespace tapegrad::apps {

// Some of the cases, or some of their relevant items, with the mean of each measure at the first k.
struct ReportPart {
  std::string name;  // such as "tail items"
  Index cases = 0;
  std::array<double, all_measures.size()> means{};
};

// The measures of each group of a column, and the groups whose NDCG differs most: of those with at
// least `least_cases` cases.
struct Breakdown {
  static constexpr Index least_cases = 10;
  std::string name;
  std::vector<ReportPart> parts;
  // Places in `parts`; the same where no two groups have enough cases.
  std::size_t best = 0, worst = 0;
  double gap = 0.0;
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
  std::vector<RevenueMeasures> revenue;  // by place in `ks`; empty where nothing has a price
  std::vector<Breakdown> by;             // one a grouping
};

// `cases` are ranked cases of the split. Throws OptionError for no k.
Report make_report(std::span<const RankedCase> cases, const Split& split, std::vector<int> ks,
                   std::span<const Grouping> groupings = {});

// Adds "measures", by name and k with intervals, "lists", "parts", "revenue" and "by".
void add_report(nlohmann::json& json, const Report& report);
// Lines of text: a table of the measures, and one of the parts.
std::string to_text(const Report& report);

}  // namespace tapegrad::apps
