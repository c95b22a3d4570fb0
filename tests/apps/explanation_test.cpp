// What moved a score: parts of a network's input, left out and by integrated gradients.
#include <doctest/doctest.h>

#include <cmath>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <tapegrad/apps/explanation/integrated_gradients.h>
#include <tapegrad/apps/explanation/leave_one_out.h>

#include "program_tools.h"
#include "small_models.h"
#include "test_files.h"

using namespace tapegrad::apps;
using namespace program_tools;

namespace {

// Six users, seven items; user 5 and item 6 have no events, and features alone.
struct Small {
  explicit Small(const ModelRow& row, bool with_types = false, const std::string& loss = "") {
    const std::vector<std::int32_t> users{0, 0, 0, 1, 1, 2, 2, 3, 4, 4, 4},
        items{0, 2, 4, 1, 3, 0, 5, 2, 1, 4, 5};
    inputs.pairs = std::make_shared<const UserItems>(6, 7, users, items);
    inputs.targets = inputs.pairs;
    if (with_types)
      inputs.targets = std::make_shared<const UserItems>(
          6, 7, std::vector<std::int32_t>{0, 1, 2, 4}, std::vector<std::int32_t>{2, 3, 5, 4});
    if (row.features != FeatureUse::none) {
      inputs.user_features = small_features(6);
      inputs.item_features = small_features(7);
    }
    ModelSettings settings = small_settings(row);
    if (!loss.empty()) settings.set(model_options::loss, loss);
    fitted = small_model(row, settings, inputs);
    std::mt19937 random(11);
    std::normal_distribution<float> normal(0.0F, 0.5F);
    for (tapegrad::Parameter& parameter : network().parameters())
      for (float& number : parameter.mutable_value().values<float>()) number = normal(random);
  }

  NeuralModel& network() { return dynamic_cast<NeuralModel&>(*fitted); }
  Subject subject(std::int32_t user) const {
    return {user, {inputs.pairs->of(user), inputs.pairs->weights_of(user)}};
  }

  ModelInputs inputs;
  std::unique_ptr<FittedModel> fitted;
};

double logit_of(const InteractionModel& model, std::int32_t user, std::int32_t item) {
  tapegrad::Tape tape({.threads = 1, .training = false});
  return static_cast<double>(model.logits(tape, {&user, 1}, {&item, 1}).item());
}

void check_explanations(Small& small) {
  const InteractionModel& model = small.network().model();
  for (const std::int32_t user : {0, 1, 4}) {
    for (const std::int32_t item : {2, 5}) {
      CAPTURE(user);
      CAPTURE(item);
      const double score = logit_of(model, user, item);
      const Explanation left_out = explain_by_leaving_out(model, small.subject(user), item);
      CHECK(left_out.score == doctest::Approx(score).epsilon(1e-4));
      const Explanation by_gradients = explain_by_gradients(model, small.subject(user), item, 2000);
      CHECK(by_gradients.score == doctest::Approx(score).epsilon(1e-4));
      CHECK(by_gradients.without_all == doctest::Approx(left_out.without_all));
      double sum = by_gradients.without_all;
      for (const Contribution& one : by_gradients.contributions) sum += one.value;
      CHECK(sum == doctest::Approx(score).epsilon(0.01).scale(0.1));
      CHECK(by_gradients.contributions.size() == left_out.contributions.size());
    }
  }
}

}  // namespace

TEST_CASE(
    "the parts of an input make its score, and gradients share out all of it, in each model") {
  for (const ModelRow& row : model_rows()) {
    if (!row.is_neural()) continue;
    CAPTURE(row.name);
    Small small(row);
    check_explanations(small);
  }
  Small ratings(model_row("mf"), false, "squared");
  check_explanations(ratings);
  Small typed(model_row("history-mlp"), true);
  check_explanations(typed);
}

TEST_CASE("integrated gradients of a product give half of it to either side") {
  Small small(model_row("mf"));
  const InteractionModel& model = small.network().model();
  const Explanation found = explain_by_gradients(model, small.subject(1), 3, 64);
  double of_user = 0.0, of_item = 0.0, of_bias = 0.0;
  for (const Contribution& one : found.contributions) {
    const InputKind kind = one.part.kind;
    (kind == InputKind::item_bias                                 ? of_bias
     : kind == InputKind::user || kind == InputKind::user_feature ? of_user
                                                                  : of_item) += one.value;
  }
  const auto& parameters = small.network().parameters();
  const double bias =
      static_cast<double>(parameters.at("biases/weight").value().values<float>()[3]);
  CHECK(of_bias == doctest::Approx(bias));
  CHECK(of_user == doctest::Approx((found.score - bias) / 2.0).epsilon(1e-4));
  CHECK(of_item == doctest::Approx((found.score - bias) / 2.0).epsilon(1e-4));
}

TEST_CASE("a part that is left out counts what the score loses") {
  Small small(model_row("two-tower"));
  const InteractionModel& model = small.network().model();
  const Explanation whole = explain_by_leaving_out(model, small.subject(0), 5);
  for (const Contribution& one : whole.contributions) {
    if (one.part.kind != InputKind::history) continue;
    std::vector<InputPart> parts = model.input_parts(small.subject(0), 5);
    std::erase_if(parts, [&](const InputPart& part) {
      return part.kind == InputKind::history && part.number == one.part.number;
    });
    tapegrad::Tape tape({.threads = 1, .training = false});
    const std::vector<float> ones(parts.size(), 1.0F);
    const tapegrad::Tensor strengths =
        tape.input(ones, {static_cast<tapegrad::Index>(parts.size())});
    const double rest = static_cast<double>(model.logit_of_parts(tape, {parts, strengths}).item());
    CHECK(one.value == doctest::Approx(whole.score - rest).epsilon(1e-4));
  }
}

TEST_CASE("explain names features and items, by either method") {
  const TestFiles folder;
  std::string events = "user,item\n", items = "item,title,kind\n", users = "user,gender\n";
  for (int user = 0; user < 20; ++user) {
    users += "u" + std::to_string(user) + (user % 2 == 0 ? ",f\n" : ",m\n");
    for (int k = 0; k < 5; ++k)
      events +=
          "u" + std::to_string(user) + ",i" + std::to_string(user % 2 * 6 + (user + k) % 6) + "\n";
  }
  for (int item = 0; item < 12; ++item)
    items += "i" + std::to_string(item) + ",Thing " + std::to_string(item) +
             (item % 2 == 0 ? ",red|round\n" : ",blue\n");
  const auto at = [&](const char* name, const std::string& text) {
    write(folder.path(name), text);
    return shell_quoted(folder.path(name));
  };
  const std::string model = " --model-file " + shell_quoted(folder.path("m.tg"));
  const Outcome trained =
      run_program(TAPEGRAD_RECOMMEND,
                  "train --quiet --protocol none --model two-tower --factors 4 --epochs 5 "
                  "--features kind=kind,user.gender=gender --data " +
                      at("e.csv", events) + " --items " + at("i.csv", items) + " --users " +
                      at("u.csv", users) + " --out " + shell_quoted(folder.path("m.tg")));
  REQUIRE_MESSAGE(trained.code == 0, trained.text);
  for (const std::string method : {"leave-out", "gradients"}) {
    const Outcome explained = run_program(
        TAPEGRAD_RECOMMEND, "explain --json --user u3 --item i7 --k 30 --method " + method + model +
                                " --svg " + shell_quoted(folder.path("e.svg")));
    REQUIRE_MESSAGE(explained.code == 0, explained.text);
    const auto json = nlohmann::json::parse(last_line(explained.text));
    std::set<std::string> kinds, names;
    for (const auto& one : json["contributions"]) {
      kinds.insert(one["kind"]);
      names.insert(one["name"]);
    }
    CHECK(kinds == std::set<std::string>{"user", "user feature", "history", "item", "item feature",
                                         "item bias"});
    CHECK(names.contains("of the user: gender=m"));
    CHECK(names.contains("of the item: kind=blue"));
    CHECK(names.contains("i10  Thing 10"));
    CHECK(read(folder.path("e.svg")).find("kind=blue") != std::string::npos);
    if (method == "gradients") CHECK(json["exact"] == true);
  }
  struct Case {
    std::string arguments;
    std::string says;
  };
  for (const Case& one : {Case{"--method guess", "--method must be leave-out or gradients"},
                          Case{"--method gradients", ""}}) {
    const Outcome outcome = run_program(
        TAPEGRAD_RECOMMEND, "explain --history i1,i2 --item i3 " + one.arguments + model);
    CHECK(outcome.code == (one.says.empty() ? 0 : 2));
    CHECK(outcome.text.find(one.says) != std::string::npos);
  }
  REQUIRE(run_program(TAPEGRAD_RECOMMEND,
                      "train --quiet --protocol none --model ease --lambda 3 "
                      "--data " +
                          shell_quoted(folder.path("e.csv")) + " --out " +
                          shell_quoted(folder.path("m.tg")))
              .code == 0);
  CHECK(run_program(TAPEGRAD_RECOMMEND, "explain --user u3 --item i3 --method gradients" + model)
            .text.find("needs a neural network") != std::string::npos);
}
