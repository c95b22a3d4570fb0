// Predicted ratings: mf --loss squared, and what it is compared with.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/baselines/rating_biases.h>
#include <tapegrad/apps/evaluation/rating_errors.h>
#include <tapegrad/apps/models/neural_model.h>
#include <tapegrad/apps/models/rating_factorisation.h>

#include "program_tools.h"
#include "test_files.h"

using namespace tapegrad::apps;
using namespace program_tools;

namespace {

// Ratings of 60 users and 40 items by a bias of each and two tastes, with noise.
Interactions rated_events(std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Interactions events;
  std::vector<std::array<double, 3>> users(60), items(40);
  for (auto* side : {&users, &items}) {
    for (auto& one : *side)
      for (double& number : one) number = normal(random);
  }
  for (std::size_t user = 0; user < users.size(); ++user)
    events.user_ids.insert(fmt::format("u{}", user));
  for (std::size_t item = 0; item < items.size(); ++item)
    events.item_ids.insert(fmt::format("i{}", item));
  for (std::size_t user = 0; user < users.size(); ++user) {
    for (std::size_t item = 0; item < items.size(); ++item) {
      if (random() % 2 == 0) continue;
      const double rating = 3.5 + 0.3 * users[user][0] + 0.3 * items[item][0] +
                            users[user][1] * items[item][1] + users[user][2] * items[item][2] +
                            0.1 * normal(random);
      events.users.push_back(static_cast<std::int32_t>(user));
      events.items.push_back(static_cast<std::int32_t>(item));
      events.ratings.push_back(static_cast<float>(rating));
    }
  }
  return events;
}

std::string csv(const Interactions& events, bool with_ratings) {
  std::string text = with_ratings ? "user,item,rating\n" : "user,item\n";
  std::vector<std::size_t> order(events.users.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::shuffle(order, std::mt19937(1));
  for (const std::size_t row : order) {
    text += events.user_ids.name(events.users[row]) + "," + events.item_ids.name(events.items[row]);
    text += with_ratings ? fmt::format(",{}\n", events.ratings[row]) : "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("biases are damped means of what the mean leaves, as a few lines compute them") {
  const Interactions events = rated_events(3);
  const RatingBiases biases(events);
  double mean = 0.0;
  for (const float rating : events.ratings) mean += static_cast<double>(rating);
  mean /= static_cast<double>(events.ratings.size());
  std::map<int, double> item_sums, item_counts, user_sums, user_counts;
  for (std::size_t row = 0; row < events.ratings.size(); ++row) {
    item_sums[events.items[row]] += static_cast<double>(events.ratings[row]) - mean;
    item_counts[events.items[row]] += 1.0;
  }
  const auto item_bias = [&](int item) { return item_sums[item] / (25.0 + item_counts[item]); };
  for (std::size_t row = 0; row < events.ratings.size(); ++row) {
    user_sums[events.users[row]] +=
        static_cast<double>(events.ratings[row]) - mean - item_bias(events.items[row]);
    user_counts[events.users[row]] += 1.0;
  }
  const std::int32_t item = 7;
  for (int user = 0; user < 60; ++user) {
    float score = 0.0F;
    biases.score(user, {&item, 1}, {&score, 1});
    CHECK(static_cast<double>(score) ==
          doctest::Approx(mean + item_bias(item) + user_sums[user] / (10.0 + user_counts[user])));
  }
}

TEST_CASE("rating errors are the root mean square and the mean of absolute errors") {
  const Interactions events = rated_events(4);
  const RatingBiases biases(events);
  TestedEvents tested;
  tested.users = {0, 1, 2, 3};
  tested.items = {3, 2, 1, 0};
  tested.ratings = {1.0F, 5.0F, std::numeric_limits<float>::quiet_NaN(), 2.0F};
  double squares = 0.0, sizes = 0.0;
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}, std::size_t{3}}) {
    float score = 0.0F;
    biases.score(tested.users[i], {&tested.items[i], 1}, {&score, 1});
    const double error = static_cast<double>(score - tested.ratings[i]);
    squares += error * error;
    sizes += std::abs(error);
  }
  const RatingErrors errors = rating_errors(biases, tested, 2);
  CHECK(errors.ratings == 3);
  CHECK(errors.rmse == doctest::Approx(std::sqrt(squares / 3.0)));
  CHECK(errors.mae == doctest::Approx(sizes / 3.0));
}

TEST_CASE("a rating is mean, biases and product, and is 0 apart from them without events") {
  Interactions events = rated_events(5);
  events.user_ids.insert("new");
  events.item_ids.insert("new");
  const auto pairs = std::make_shared<const UserItems>(events);
  const ModelInputs inputs{.pairs = pairs, .targets = pairs, .events = &events};
  tapegrad::Parameters parameters(8);
  const RatingFactorisation model(parameters.root(), inputs, 3, 0.0);
  std::mt19937 random(1);
  for (const char* name : {"user_biases/weight", "item_biases/weight"}) {
    for (float& bias : parameters.at(name).mutable_value().values<float>())
      bias = static_cast<float>(random() % 100) / 50.0F - 1.0F;
  }
  for (float& number : parameters.at("history/weight").mutable_value().values<float>())
    number = static_cast<float>(random() % 100) / 50.0F - 1.0F;
  parameters.at("user_biases/weight").mutable_value().values<float>()[60] = 0.0F;
  const auto number = [&](const char* name, std::int32_t place) {
    const auto all = std::as_const(parameters).at(name).value().values<float>();
    return static_cast<double>(all[static_cast<std::size_t>(place)]);
  };
  const auto recommender = model.recommender(41);
  std::vector<float> scores(41);
  for (const std::int32_t user : {0, 30, 60}) {
    recommender->score(user, {}, scores);
    for (std::int32_t item = 0; item < 41; ++item) {
      double expected = number("mean", 0) + number("user_biases/weight", user) +
                        number("item_biases/weight", item);
      for (int k = 0; k < 3; ++k) {
        double of_user = number("users/weight", 3 * user + k);
        for (const std::int32_t other : pairs->of(user))
          of_user += number("history/weight", 3 * other + k) /
                     std::sqrt(static_cast<double>(pairs->of(user).size()));
        expected += of_user * number("items/weight", 3 * item + k);
      }
      CHECK(static_cast<double>(scores[static_cast<std::size_t>(item)]) ==
            doctest::Approx(expected).epsilon(1e-5));
      if (user == 60)
        CHECK(scores[static_cast<std::size_t>(item)] ==
              static_cast<float>(number("mean", 0)) +
                  static_cast<float>(number("item_biases/weight", item)));
    }
  }
}

TEST_CASE("mf with the squared loss finds tastes that biases miss, and its file has the figures") {
  const TestFiles folder;
  const auto data = folder.path("rated.csv"), model = folder.path("m.tg");
  const Interactions events = rated_events(6);
  write(data, csv(events, true));
  const std::string source = " --data " + shell_quoted(data);
  const Outcome trained =
      run_program(TAPEGRAD_RECOMMEND,
                  "train --quiet --json --model mf --loss squared --factors 4 --dropout 0 "
                  "--learning-rate 0.02 --weight-decay 0.3 --batch 64 --epochs 60 --out " +
                      shell_quoted(model) + source);
  REQUIRE_MESSAGE(trained.code == 0, trained.text);
  const auto result = nlohmann::json::parse(last_line(trained.text));
  CHECK(result["ratings"] == 60);
  CHECK(result["rmse"].get<double>() < 0.6 * result["rating_biases"]["rmse"].get<double>());
  CHECK(result["mae"].get<double>() < result["rmse"].get<double>());
  const Outcome evaluated = run_program(
      TAPEGRAD_RECOMMEND, "evaluate --quiet --json --model-file " + shell_quoted(model) + source);
  REQUIRE_MESSAGE(evaluated.code == 0, evaluated.text);
  CHECK(nlohmann::json::parse(last_line(evaluated.text))["rmse"] == result["rmse"]);

  write(data, csv(events, false));
  struct Case {
    std::string options;
    int code;
    std::string says;
  };
  for (const Case& one :
       {Case{"--model mf --loss squared", 1, "the loss squared needs ratings"},
        Case{"--model mf --loss squared --min-rating 3", 2,
             "--min-rating has no effect with the loss squared"},
        Case{"--model mf --loss squared --negatives 3", 2,
             "--negatives has no effect with the squared loss"},
        Case{"--model history-mlp --loss squared", 2, "needs a model that predicts ratings: mf"}}) {
    const Outcome refused =
        run_program(TAPEGRAD_RECOMMEND, "train --quiet " + one.options + source);
    CHECK_MESSAGE(refused.code == one.code, refused.text);
    CHECK_MESSAGE(refused.text.find(one.says) != std::string::npos, refused.text);
  }
}
