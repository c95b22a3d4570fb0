// Which events moved a prediction of a model of sequences.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <tapegrad/apps/explanation/event_explanation.h>

#include "sequence_files.h"
#include "small_sequence_models.h"

namespace {

using namespace tapegrad::apps;
namespace tg = tapegrad;

}  // namespace

TEST_CASE("what leaving events out says is the difference of two scores") {
  const std::vector<std::int32_t> items{4, 7, 4};
  const std::vector<double> times{1.0, 2.0, 5.0};
  const auto score = [](const History& history) {
    double sum = 0.0;
    for (std::size_t i = 0; i < history.size(); ++i)
      sum += static_cast<double>(history.items[i]) * static_cast<double>(i + 1) + history.times[i];
    return sum;
  };
  const Explanation found = explain_events_by_leaving_out(score, {.items = items, .times = times});
  CHECK(found.score == doctest::Approx(4 + 14 + 12 + 8.0));
  REQUIRE(found.contributions.size() == 3);
  CHECK(found.contributions[0].part.number == 1);  // 38 - (4 + 8 + 6)
  CHECK(found.contributions[0].value == doctest::Approx(20.0));
  for (const Contribution& one : found.contributions) CHECK(one.part.kind == InputKind::event);
}

TEST_CASE("integrated gradients of events sum to the score in every network") {
  for (const std::string name : {"rnn", "lstm", "gru", "sasrec", "esasrec", "nextitnet"}) {
    CAPTURE(name);
    tg::Parameters parameters(3);
    const auto model =
        small_sequence_model(name, small_sequence_settings(name, "8", "6"), parameters, 12);
    // Longer than what models of windows look at: what comes before counts for nothing there.
    const std::vector<std::int32_t> items{1, 4, 9, 2, 4, 11, 3, 0};
    const History history{.items = items};
    const auto score = [&](tg::Tape& tape, const History& own, const tg::Tensor& strengths) {
      return tg::slice(model->logits(model->states(tape, {&own, 1}, strengths)), 1, 5, 6);
    };
    tg::Tape tape({.threads = 1, .training = false});
    const double whole = score(tape, history, {}).item();
    const Explanation found = explain_events_by_gradients(score, history);
    CHECK(found.score == doctest::Approx(whole).epsilon(1e-5));
    REQUIRE(found.contributions.size() == items.size());
    double sum = found.without_all;
    for (const Contribution& one : found.contributions) {
      sum += one.value;
      if (model->longest() > 0 && one.part.number < 2) CHECK(one.value == 0.0);
    }
    CHECK(sum == doctest::Approx(whole).epsilon(0.01));
  }
}

TEST_CASE("tg-sequence explains models of items and of purchases, and tunes") {
  using namespace sequence_files;
  const Files files;
  REQUIRE(run("train --quiet --model gru" + Files::small("gru") + files.sessions + " --out " +
              files.model)
              .code == 0);
  const std::string ask = "explain --model-file " + files.model + " --history item-1,item-2,item-3";
  for (const std::string method : {"leave-out", "gradients"}) {
    const Outcome outcome = run(ask + " --quiet --json --item item-4 --method " + method);
    REQUIRE_MESSAGE(outcome.code == 0, outcome.text);
    const auto json = nlohmann::json::parse(last_line(outcome.text));
    CHECK(json["contributions"].size() == 3);
    CHECK(json["contributions"][0].contains("event"));
    CHECK(std::isfinite(json["score"].get<double>()));
  }
  const std::string svg = files.folder.path("picture.svg");
  CHECK(run(ask + " --item item-4 --svg " + shell_quoted(svg)).code == 0);
  CHECK(read(svg).find("item-2 (event 2)") != std::string::npos);
  REQUIRE(run("train --quiet --model sequential-rules" + files.sessions + " --out " +
              shell_quoted(files.folder.path("rules.tg")))
              .code == 0);
  const std::string rules =
      "explain --model-file " + shell_quoted(files.folder.path("rules.tg")) + " --item item-4";
  CHECK(run(rules + " --history item-1,item-3").code == 0);
  struct Case {
    std::string arguments;
    int code;
    std::string message;
  };
  for (const Case& one : std::vector<Case>{
           {ask, 2, "explain needs --item"},
           {ask + " --item nothing", 1, "expected an item that the model knows"},
           {ask + " --item item-4 --method magic", 2, "--method must be leave-out or gradients"},
           {ask + " --item item-4 --k 0", 2, "--k must be within"},
           {rules + " --history item-1,item-3 --method gradients", 2, "needs a neural network"},
           {rules + " --history item-1", 1, "expected two or more"},
           {rules + " --history nobody", 1, "nobody"}}) {
    CAPTURE(one.arguments);
    const Outcome outcome = run(one.arguments);
    CHECK_MESSAGE(outcome.code == one.code, outcome.text);
    CHECK_MESSAGE(outcome.text.find(one.message) != std::string::npos, outcome.text);
  }

  const std::string best = shell_quoted(files.folder.path("best.txt"));
  for (const std::string model : {"vsknn", "gru"}) {
    CAPTURE(model);
    const Outcome tuned = run("tune --json --trials 4 --minutes 5 --model " + model +
                              (model == "gru" ? " --width 8 --batch 8 --steps 2" : "") +
                              files.sessions + " --out " + best);
    REQUIRE_MESSAGE(tuned.code == 0, tuned.text);
    const auto json = nlohmann::json::parse(last_line(tuned.text));
    CHECK(json["validation"].get<double>() > 0.0);
    CHECK((json["epochs"].get<int>() > 0) == (model == "gru"));
    const Outcome trained =
        run("train --quiet" + std::string(model == "gru" ? " --baselines none" : "") +
            " --options " + best + files.sessions);
    CHECK_MESSAGE(trained.code == 0, trained.text);
  }
  const Outcome refused = run("tune --model gru --epochs 3" + files.sessions + " --out " + best);
  CHECK(refused.code == 2);
  CHECK(refused.text.find("--epochs has no effect in tune") != std::string::npos);
}
