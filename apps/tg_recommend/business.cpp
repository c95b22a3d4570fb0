// tg-recommend business
#include <array>
#include <iostream>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/business/off_policy.h>
#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/reading.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/result.h>

#include "commands.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

constexpr std::array<std::string_view, 8> roles_of_logs = {
    "item", "click", "purchase", "price", "propensity", "position", "user", "impression"};

po::options_description business_description() {
  po::options_description all = options_group(
      "tg-recommend business: what a log of impressions earned, and another policy would earn");
  add_help(all);
  add_sources_option(
      all, "log",
      "what was shown (item, click[, purchase][, price][, propensity][, position][, "
      "user][, impression]): files of delimited text or JSON Lines, plain or gzip; - for standard "
      "input; sqlite:FILE or postgresql://... with --query (required)");
  all.add_options()(
      "policy", po::value<std::string>()->value_name("FILE"),
      "another policy: a table of its probabilities (item, probability, and where they depend on "
      "it impression, user or position), or the word uniform for one that shows all items of the "
      "log "
      "alike; default: the log's own policy alone is judged")(
      "quiet", "do not print what was read")("json", "print a JSON object instead of text");
  add_table_options(all);
  return all;
}

// One way to count what an impression brings.
struct Reward {
  const char* name;   // in JSON
  const char* shown;  // for people
  double scale;       // from the mean an impression to what is shown
  std::vector<double> values;
};

std::vector<Reward> rewards_of(const Impressions& log) {
  std::vector<Reward> rewards;
  rewards.push_back({"click_rate", "click-through", 1.0, {log.clicks.begin(), log.clicks.end()}});
  if (log.purchases.empty()) return rewards;
  rewards.push_back(
      {"conversion", "conversion", 1.0, {log.purchases.begin(), log.purchases.end()}});
  if (log.prices.empty()) return rewards;
  std::vector<double> revenue;
  for (std::size_t i = 0; i < log.prices.size(); ++i)
    revenue.push_back(static_cast<double>(log.purchases[i]) * static_cast<double>(log.prices[i]));
  rewards.push_back(
      {"revenue_per_thousand", "revenue per thousand impressions", 1000.0, std::move(revenue)});
  return rewards;
}

nlohmann::json json_of(const Estimate& estimate, double scale) {
  return {{"mean", scale * estimate.mean},
          {"low", scale * estimate.low},
          {"high", scale * estimate.high}};
}

std::string text_of(const char* name, const Estimate& estimate, double scale) {
  return fmt::format("  {:<34} {:.6g} ({:.6g} to {:.6g})\n", name, scale * estimate.mean,
                     scale * estimate.low, scale * estimate.high);
}

void report_policy(const Impressions& log, const Policy& policy, const std::vector<Reward>& rewards,
                   nlohmann::json& json, std::string& text) {
  text +=
      "the other policy, estimated (95 % interval); its reward model is a mean by item and "
      "position, fitted on other parts of the log\n";
  for (const Reward& reward : rewards) {
    const OffPolicy found = estimate_policy(log, policy, reward.values);
    const Overlap overlap = overlap_of(log, policy, reward.values);
    const std::string warning = warning_of(overlap, log.size());
    text += fmt::format("{}\n", reward.shown);
    text += text_of("direct method", found.direct, reward.scale);
    text += text_of("inverse propensity", found.inverse_propensity, reward.scale);
    text += text_of("self-normalised", found.self_normalised, reward.scale);
    text += text_of("doubly robust", found.doubly_robust, reward.scale);
    text += fmt::format(
        "  effective sample size {:.1f} of {}, effective rewards {:.1f}, greatest "
        "weight {:.3g}, mean weight {:.3f}\n",
        overlap.effective_sample_size, log.size(), overlap.effective_rewards,
        overlap.greatest_weight, overlap.mean_weight);
    text += fmt::format("  calibration error of the reward model {:.3g}\n",
                        reward.scale * found.calibration_error);
    if (!warning.empty()) text += fmt::format("  warning: {}\n", warning);
    json["policy"][reward.name] = {
        {"direct_method", json_of(found.direct, reward.scale)},
        {"inverse_propensity", json_of(found.inverse_propensity, reward.scale)},
        {"self_normalised", json_of(found.self_normalised, reward.scale)},
        {"doubly_robust", json_of(found.doubly_robust, reward.scale)},
        {"effective_sample_size", overlap.effective_sample_size},
        {"effective_rewards", overlap.effective_rewards},
        {"calibration_error", reward.scale * found.calibration_error},
        {"warning", warning}};
  }
}

}  // namespace

int run_business(const std::vector<std::string>& arguments) {
  const auto given = parse(business_description(), arguments);
  if (!given) return 0;
  const std::vector<std::string> sources = sources_of(*given, "log");
  if (sources.empty()) throw OptionError("the option --log is needed");
  refuse_given(*given, {"exclude-items", "time-format"}, "in a log of impressions");
  const std::array<std::string_view, 1> of_policy = {"probability"};
  std::vector<std::string_view> roles(roles_of_logs.begin(), roles_of_logs.end());
  if (given->contains("policy")) roles.insert(roles.end(), of_policy.begin(), of_policy.end());
  TableOptions table = table_options(*given, roles, {}, "in a log of impressions");
  table.source.query = query_of(*given, "query", sources);
  Progress progress(given->contains("quiet"));
  const std::string shown = displayed_all(sources);
  show_reading(table, progress, shown);
  ReadReport report;
  Impressions log = read_impressions(sources, table, &report);
  progress.clear();
  std::cerr << describe_read(shown, report, fmt::format("{} items shown", log.item_ids.size()),
                             given->contains("quiet"));
  if (log.unpriced > 0)
    std::cerr << fmt::format(
        "{}: {} purchases have a price of 0, below, or none: they bring no revenue\n", shown,
        log.unpriced);
  std::optional<Policy> policy;
  if (given->contains("policy")) {
    const auto path = (*given)["policy"].as<std::string>();
    TableOptions own;
    own.columns = column_choices(*given);
    own.names_options = true;
    own.skip_bad_lines = given->contains("skip-bad-lines");
    own.source.max_unpacked = max_unpacked(*given);
    policy = path == "uniform" ? Policy::uniform(log) : Policy::read(path, own, log);
  }
  const std::vector<Reward> rewards = rewards_of(log);
  nlohmann::json json = {{"impressions", log.size()}};
  std::string text = fmt::format("the log, {} impressions (95 % interval)\n", log.size());
  for (const Reward& reward : rewards) {
    const Estimate mean = mean_reward(reward.values);
    json["log"][reward.name] = json_of(mean, reward.scale);
    text += text_of(reward.shown, mean, reward.scale);
  }
  if (policy) report_policy(log, *policy, rewards, json, text);
  std::cout << (given->contains("json") ? json_line(json) : text);
  return 0;
}

}  // namespace tapegrad::apps
