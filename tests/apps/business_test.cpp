// Logs of impressions: what they earned, and what another policy would have earned.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <tapegrad/apps/business/off_policy.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/graph/random.h>

#include "program_tools.h"
#include "test_files.h"

namespace tapegrad::apps {
namespace {

using program_tools::last_line;
using program_tools::Outcome;
using program_tools::shell_quoted;

constexpr std::size_t item_count = 12;

// A policy that shows items with known probabilities, which are clicked with known ones.
struct World {
  std::array<double, item_count> logged{}, wanted{}, click{};
  double truth = 0.0;

  explicit World(Random& random) {
    double logged_sum = 0.0, wanted_sum = 0.0;
    for (std::size_t i = 0; i < item_count; ++i) {
      logged_sum += logged[i] = std::exp(0.7 * random.normal());
      wanted_sum += wanted[i] = std::exp(0.7 * random.normal());
      click[i] = random.uniform(0.05, 0.4);
    }
    for (std::size_t i = 0; i < item_count; ++i) {
      logged[i] /= logged_sum;
      wanted[i] /= wanted_sum;
      truth += wanted[i] * click[i];
    }
  }

  Impressions log(Random& random, int count) const {
    Impressions log;
    for (std::size_t i = 0; i < item_count; ++i) log.item_ids.insert("i" + std::to_string(i));
    for (int n = 0; n < count; ++n) {
      double at = random.uniform(0.0, 1.0);
      std::size_t item = 0;
      while (item + 1 < item_count && at >= logged[item]) at -= logged[item++];
      log.items.push_back(static_cast<std::int32_t>(item));
      log.positions.push_back(1);
      log.propensities.push_back(logged[item]);
      log.clicks.push_back(random.uniform(0.0, 1.0) < click[item] ? 1.0F : 0.0F);
    }
    return log;
  }

  std::string policy() const {
    std::string text = "item,probability\n";
    for (std::size_t i = 0; i < item_count; ++i)
      text += "i" + std::to_string(i) + "," + std::to_string(wanted[i]) + "\n";
    return text;
  }
};

TEST_CASE("93 to 97 of 100 intervals of 1,000 generated logs hold the truth") {
  const TestFiles files;
  Random random(12);
  int inverse = 0, normalised = 0, robust = 0;
  constexpr int logs = 1000;
  for (int round = 0; round < logs; ++round) {
    const World world(random);
    Impressions log = world.log(random, 1000);
    const Policy policy = Policy::read(files.write("policy.csv", world.policy()), {}, log);
    const std::vector<double> rewards(log.clicks.begin(), log.clicks.end());
    const OffPolicy found = estimate_policy(log, policy, rewards);
    const auto holds = [&](const Estimate& estimate) {
      return estimate.low <= world.truth && world.truth <= estimate.high ? 1 : 0;
    };
    inverse += holds(found.inverse_propensity);
    normalised += holds(found.self_normalised);
    robust += holds(found.doubly_robust);
  }
  MESSAGE("of ", logs, " intervals ", inverse, " of inverse propensity, ", normalised,
          " self-normalised and ", robust, " doubly robust ones hold the truth");
  for (const int held : {inverse, normalised, robust}) {
    CHECK(held >= 930);
    CHECK(held <= 970);
  }
}

TEST_CASE("the estimators are those of a few lines, and equal the mean for the log's own policy") {
  const TestFiles files;
  Random random(5);
  World world(random);
  Impressions log = world.log(random, 500);
  const std::vector<double> rewards(log.clicks.begin(), log.clicks.end());
  const Policy other = Policy::read(files.write("p.csv", world.policy()), {}, log);
  double sum = 0.0, weights = 0.0, squares = 0.0;
  for (std::size_t i = 0; i < rewards.size(); ++i) {
    const auto item = static_cast<std::size_t>(log.items[i]);
    const double weight = world.wanted[item] / world.logged[item];
    sum += weight * rewards[i];
    weights += weight;
    squares += weight * weight;
  }
  const OffPolicy found = estimate_policy(log, other, rewards);
  CHECK(found.inverse_propensity.mean == doctest::Approx(sum / 500.0).epsilon(1e-4));
  CHECK(found.self_normalised.mean == doctest::Approx(sum / weights).epsilon(1e-4));
  CHECK(overlap_of(log, other, rewards).effective_sample_size ==
        doctest::Approx(weights * weights / squares).epsilon(1e-4));
  world.wanted = world.logged;
  const Policy own = Policy::read(files.write("p.csv", world.policy()), {}, log);
  const OffPolicy same = estimate_policy(log, own, rewards);
  const double mean = mean_reward(rewards).mean;
  CHECK(same.inverse_propensity.mean == doctest::Approx(mean).epsilon(1e-4));
  CHECK(same.self_normalised.mean == doctest::Approx(mean).epsilon(1e-4));
  CHECK(overlap_of(log, own, rewards).effective_sample_size ==
        doctest::Approx(500.0).epsilon(1e-4));
  CHECK(warning_of({.effective_sample_size = 40.0, .effective_rewards = 99.0}, 500)
            .find("worth 40 of the policy's own") != std::string::npos);
  CHECK(warning_of({.effective_sample_size = 400.0, .effective_rewards = 9.0}, 500)
            .find("what 9.0 rewards are worth") != std::string::npos);
  CHECK(warning_of({.effective_sample_size = 400.0, .effective_rewards = 99.0}, 500).empty());
}

TEST_CASE("a generated shop's log gives what the generator knows to be true") {
  const TestFiles files;
  const Outcome made = program_tools::run_program(
      TAPEGRAD_MAKE_SHOP,
      "--users 500 --items 200 --events 100 --impressions 20000 --seed 3 --out " +
          shell_quoted(files.directory()));
  REQUIRE_MESSAGE(made.code == 0, made.text);
  const Outcome outcome = program_tools::run_program(
      TAPEGRAD_RECOMMEND, "business --json --quiet --log " +
                              shell_quoted(files.path("impressions.csv")) + " --policy " +
                              shell_quoted(files.path("policy.csv")));
  REQUIRE_MESSAGE(outcome.code == 0, outcome.text);
  const auto found = nlohmann::json::parse(last_line(outcome.text));
  const auto truth = nlohmann::json::parse(program_tools::read(files.path("truth.json")));
  for (const char* reward : {"click_rate", "conversion", "revenue_per_thousand"}) {
    CAPTURE(std::string(reward));
    const auto near = [&](const nlohmann::json& estimate, double expected) {
      // Twice the 95 % interval: some 4 standard errors.
      const double half = estimate["high"].get<double>() - estimate["mean"].get<double>();
      CHECK(std::abs(estimate["mean"].get<double>() - expected) < 2.0 * half);
    };
    near(found["log"][reward], truth["logged"][reward]);
    for (const char* method : {"inverse_propensity", "self_normalised", "doubly_robust"})
      near(found["policy"][reward][method], truth["policy"][reward]);
    CHECK(found["policy"][reward]["warning"] == "");
  }
}

TEST_CASE("bad logs and policies are one line and an exit code") {
  const TestFiles files;
  const std::string head = "item,click,propensity,purchase,price\n";
  int number = 0;
  const auto log = [&](const std::string& rows) {
    return " --log " + shell_quoted(files.write(std::to_string(++number) + "log.csv", head + rows));
  };
  const std::string good = "a,1,0.5,1,3\nb,0,0.5,0,4\na,0,0.25,0,5\n";
  const auto policy = [&](const std::string& text) {
    return " --policy " + shell_quoted(files.write(std::to_string(++number) + "policy.csv", text));
  };
  struct Case {
    std::string arguments;
    int code;
    std::string says;
  };
  const Case cases[] = {
      {"", 2, "the option --log is needed"},
      {log("a,1,0,1,3\n"), 1, "log.csv:2:3: expected a propensity from 1e-9 to 1, got \"0\""},
      {log("a,1,1.01,1,3\n"), 1, "expected a propensity from 1e-9 to 1, got \"1.01\""},
      {log("a,1,-0.5,1,3\n"), 1, "expected a propensity from 1e-9 to 1"},
      {log("a,1,nan,1,3\n"), 1, "expected a propensity from 1e-9 to 1"},
      {log("a,2,0.5,1,3\n"), 1, "log.csv:2:2: expected 0 or 1 for click, got \"2\""},
      {log("a,1,0.5,yes,3\n"), 1, "expected 0 or 1 for purchase, got \"yes\""},
      {" --log " + shell_quoted(files.write("x.csv", "item,shown\na,1\n")), 1, "for click"},
      {" --log " + shell_quoted(files.write("y.csv", "item,click\na,1\nb,0\n")) +
           " --policy uniform",
       1, "another policy needs the probabilities that items were shown"},
      {log(good) + policy("item,probability\na,0.5\nb,0.6\n"), 1,
       "expected probabilities that sum to 1, got 1.1"},
      {log(good) + policy("item,probability\na,1.5\nb,-0.5\n"), 1,
       "policy.csv:2:2: expected a probability within [0, 1], got \"1.5\""},
      {log(good) + policy("item,probability,user\na,0.5,u\nb,0.5,u\n"), 1,
       "the probabilities depend on the user, of which the log has no column"},
      {log(good) + policy("item,probability,position\na,0.5,2\nb,0.5,2\n"), 1,
       "expected probabilities for each impression of the log, got none for its row 1"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.arguments);
    const Outcome outcome =
        program_tools::run_program(TAPEGRAD_RECOMMEND, "business --quiet" + one.arguments);
    CHECK(outcome.code == one.code);
    CHECK_MESSAGE(outcome.text.find(one.says) != std::string::npos, outcome.text);
    CHECK(std::ranges::count(outcome.text, '\n') == 1);
  }
  const Outcome unpriced = program_tools::run_program(
      TAPEGRAD_RECOMMEND, "business --quiet" + log("a,1,0.5,1,0\nb,1,0.5,1,-2\na,1,0.5,1,8\n"));
  CHECK(unpriced.code == 0);
  CHECK(unpriced.text.find("2 purchases have a price of 0, below, or none") != std::string::npos);
}

}  // namespace
}  // namespace tapegrad::apps
