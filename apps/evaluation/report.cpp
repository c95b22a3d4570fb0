#include <tapegrad/apps/evaluation/report.h>

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

// 0 for head, 1 for middle and 2 for tail items.
std::vector<int> kinds_of_items(const UserItems& training) {
  constexpr double head = 0.5, head_and_middle = 0.8;
  const std::vector<Index> users = training.item_user_counts();
  std::vector<std::size_t> order(users.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t item) { return users[item]; });
  std::vector<int> kinds(users.size(), 2);
  double before = 0.0;
  const auto all = static_cast<double>(std::max<Index>(1, training.size()));
  for (const std::size_t item : order) {
    kinds[item] = before < head * all ? 0 : before < head_and_middle * all ? 1 : 2;
    before += static_cast<double>(users[item]);
  }
  return kinds;
}

// Adds a case with those of its relevant items that have these ranks; the means are sums so far.
void add_case(ReportPart& part, std::span<const Index> ranks, Index competitors, int k) {
  ++part.cases;
  for (std::size_t m = 0; m < all_measures.size(); ++m)
    part.means[m] += measure_of(all_measures[m], ranks, competitors, k);
}

void take_means(ReportPart& part) {
  for (double& mean : part.means) mean /= static_cast<double>(std::max<Index>(1, part.cases));
}

// The cases with those of their relevant items that `is_part`.
ReportPart part_of(std::string name, std::span<const RankedCase> cases, int k,
                   const std::function<bool(const RankedCase&, std::int32_t item)>& is_part) {
  ReportPart part{.name = std::move(name)};
  for (const RankedCase& one : cases) {
    std::vector<Index> ranks;
    for (std::size_t i = 0; i < one.ranks.size(); ++i) {
      if (is_part(one, one.relevant[i])) ranks.push_back(one.ranks[i]);
    }
    if (!ranks.empty()) add_case(part, ranks, one.competitors, k);
  }
  take_means(part);
  return part;
}

// All groups in one pass over the cases: a text has thousands of them.
std::vector<ReportPart> parts_of(const Grouping& grouping, std::span<const RankedCase> cases,
                                 int k) {
  std::vector<ReportPart> parts;
  for (const std::string& name : grouping.groups) parts.push_back({.name = name});
  for (const RankedCase& one : cases) {
    std::map<std::int32_t, std::vector<Index>> ranks;  // by group
    for (std::size_t i = 0; i < one.ranks.size(); ++i) {
      const std::int32_t entity = grouping.is_of_items ? one.relevant[i] : one.user;
      for (const std::int32_t group : grouping.members[static_cast<std::size_t>(entity)])
        ranks[group].push_back(one.ranks[i]);
    }
    for (const auto& [group, own] : ranks)
      add_case(parts[static_cast<std::size_t>(group)], own, one.competitors, k);
  }
  std::erase_if(parts, [](const ReportPart& part) { return part.cases == 0; });
  for (ReportPart& part : parts) take_means(part);
  return parts;
}

Breakdown breakdown_of(const Grouping& grouping, std::span<const RankedCase> cases, int k) {
  Breakdown breakdown{.name = grouping.name, .parts = parts_of(grouping, cases, k)};
  const auto ndcg = [&](std::size_t part) {
    return breakdown.parts[part].means[static_cast<std::size_t>(Measure::ndcg)];
  };
  bool has_first = false;
  for (std::size_t part = 0; part < breakdown.parts.size(); ++part) {
    if (breakdown.parts[part].cases < Breakdown::least_cases) continue;
    if (!has_first || ndcg(part) > ndcg(breakdown.best)) breakdown.best = part;
    if (!has_first || ndcg(part) < ndcg(breakdown.worst)) breakdown.worst = part;
    has_first = true;
  }
  if (has_first) breakdown.gap = ndcg(breakdown.best) - ndcg(breakdown.worst);
  return breakdown;
}

nlohmann::json to_json(const ReportPart& part) {
  nlohmann::json json = {{"name", part.name}, {"cases", part.cases}};
  for (std::size_t m = 0; m < all_measures.size(); ++m)
    json[std::string(name_of(all_measures[m]))] = part.means[m];
  return json;
}

nlohmann::json to_json(const Estimate& estimate) {
  return {{"mean", estimate.mean}, {"low", estimate.low}, {"high", estimate.high}};
}

std::string interval_text(const Estimate& estimate) {
  return fmt::format("{:.4f} ({:.4f} to {:.4f})", estimate.mean, estimate.low, estimate.high);
}

std::string to_text(std::span<const ReportPart> parts, const std::string& heading) {
  std::string text = fmt::format("{:<34}{:>8}", heading, "cases");
  for (const Measure measure : all_measures) text += fmt::format("{:>11}", name_of(measure));
  text += '\n';
  for (const ReportPart& part : parts) {
    text += fmt::format("{:<34}{:>8}", part.name, part.cases);
    for (const double mean : part.means) text += fmt::format("{:>11.4f}", mean);
    text += '\n';
  }
  return text;
}

}  // namespace

Report make_report(std::span<const RankedCase> cases, const Split& split, std::vector<int> ks,
                   std::span<const Grouping> groupings) {
  if (ks.empty()) throw OptionError("expected a k to measure at, got none");
  const UserItems& training = *split.pairs;
  Report report;
  report.ks = std::move(ks);
  for (const int k : report.ks) {
    auto& own = report.estimates.emplace_back();
    for (std::size_t m = 0; m < all_measures.size(); ++m) {
      std::vector<double> values;
      for (const RankedCase& one : cases)
        values.push_back(measure_of(all_measures[m], one.ranks, one.competitors, k));
      own[m] = estimate_of(values);
    }
  }
  const int k = report.ks.front();
  report.lists = measures_of_lists(cases, training, k);
  const std::vector<int> kinds = kinds_of_items(training);
  const char* const names[] = {"head items", "middle items", "tail items"};
  for (int kind = 0; kind < 3; ++kind)
    report.parts.push_back(
        part_of(names[kind], cases, k, [&](const RankedCase&, std::int32_t item) {
          return kinds[static_cast<std::size_t>(item)] == kind;
        }));
  std::vector<std::size_t> events;
  for (const RankedCase& one : cases) events.push_back(training.of(one.user).size());
  std::size_t median = 0;
  if (!events.empty()) {
    std::ranges::nth_element(events,
                             events.begin() + static_cast<std::ptrdiff_t>((events.size() - 1) / 2));
    median = events[(events.size() - 1) / 2];
  }
  for (const bool many : {false, true})
    report.parts.push_back(
        part_of(fmt::format("users with {} {} items", many ? "more than" : "up to", median), cases,
                k, [&](const RankedCase& one, std::int32_t) {
                  return (training.of(one.user).size() > median) == many;
                }));
  for (const int at : report.ks)
    report.revenue.push_back(revenue_measures(cases, split.tested, at));
  if (report.revenue.front().all <= 0.0) report.revenue.clear();
  for (const Grouping& grouping : groupings) report.by.push_back(breakdown_of(grouping, cases, k));
  return report;
}

void add_report(nlohmann::json& json, const Report& report) {
  for (std::size_t i = 0; i < report.ks.size(); ++i) {
    for (std::size_t m = 0; m < all_measures.size(); ++m) {
      const Estimate& estimate = report.estimates[i][m];
      const std::string name = has_cutoff(all_measures[m])
                                   ? fmt::format("{}@{}", name_of(all_measures[m]), report.ks[i])
                                   : std::string(name_of(all_measures[m]));
      json["measures"][name] = to_json(estimate);
    }
  }
  json["lists"] = {{"coverage", report.lists.coverage},
                   {"gini", report.lists.gini},
                   {"novelty", report.lists.novelty}};
  for (const ReportPart& part : report.parts) json["parts"].push_back(to_json(part));
  for (std::size_t i = 0; i < report.revenue.size(); ++i) {
    const std::string at = fmt::format("@{}", report.ks[i]);
    json["revenue"]["all"] = report.revenue[i].all;
    json["revenue"]["share" + at] = to_json(report.revenue[i].share);
    json["revenue"]["ndcg" + at] = to_json(report.revenue[i].ndcg);
  }
  for (const Breakdown& breakdown : report.by) {
    nlohmann::json& own = json["by"][breakdown.name];
    for (const ReportPart& part : breakdown.parts) own["groups"].push_back(to_json(part));
    if (breakdown.best != breakdown.worst)
      own["largest_gap"] = {{"best", breakdown.parts[breakdown.best].name},
                            {"worst", breakdown.parts[breakdown.worst].name},
                            {"ndcg", breakdown.gap}};
  }
}

std::string to_text(const Report& report) {
  std::string text = "measure (95 % interval)";
  for (const int k : report.ks) text += fmt::format("{:>26}", fmt::format("at {}", k));
  text += '\n';
  for (std::size_t m = 0; m < all_measures.size(); ++m) {
    text += fmt::format("{:<23}", name_of(all_measures[m]));
    for (std::size_t i = 0; i < report.ks.size(); ++i) {
      if (i > 0 && !has_cutoff(all_measures[m])) continue;
      const Estimate& own = report.estimates[i][m];
      text += fmt::format("{:>26}", interval_text(own));
    }
    text += '\n';
  }
  if (!report.revenue.empty()) {
    text += fmt::format("{:<23}", "revenue share");
    for (const RevenueMeasures& own : report.revenue)
      text += fmt::format("{:>26}", interval_text(own.share));
    text += fmt::format("\n{:<23}", "revenue NDCG");
    for (const RevenueMeasures& own : report.revenue)
      text += fmt::format("{:>26}", interval_text(own.ndcg));
    text += fmt::format("\nrevenue of the tested purchases: {:.2f}\n", report.revenue.front().all);
  }
  text += fmt::format(
      "lists of {}: coverage {:.4f} of all items, Gini coefficient {:.4f}, novelty {:.2f} bits\n",
      report.ks.front(), report.lists.coverage, report.lists.gini, report.lists.novelty);
  const std::string at = fmt::format(", at {}", report.ks.front());
  text += to_text(report.parts, "part" + at);
  for (const Breakdown& breakdown : report.by) {
    text += to_text(breakdown.parts, breakdown.name + at);
    if (breakdown.best != breakdown.worst)
      text +=
          fmt::format("largest gap in NDCG: {:.4f}, between {} and {}\n", breakdown.gap,
                      breakdown.parts[breakdown.best].name, breakdown.parts[breakdown.worst].name);
  }
  return text;
}

}  // namespace tapegrad::apps
