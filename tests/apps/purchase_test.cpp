// Whether sessions end in a purchase: measures, what is read, and the command.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/baselines/session_counts.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/binary.h>
#include <tapegrad/graph/random.h>

#include "sequence_files.h"

namespace {

using namespace tapegrad::apps;
using tapegrad::Index;

Binary random_predictions(std::uint64_t seed, int count) {
  tapegrad::Random random(seed);
  Binary predicted;
  for (int i = 0; i < count; ++i) {
    predicted.probabilities.push_back(0.1 * static_cast<double>(1 + random.below(8)));
    predicted.happened.push_back(random.below(3) == 0);
  }
  predicted.happened[0] = true;
  predicted.happened[1] = false;
  return predicted;
}

// Sessions whose purchase follows a cart, and a few that do not.
std::string shop(int first, int count) {
  std::string text = "session,item,time,type\n";
  for (int s = first; s < first + count; ++s) {
    const bool cart = s % 3 == 0, buys = cart != (s % 11 == 0);
    text += fmt::format("{0},i{1},{2},view\n{0},i{3},{4},{5}\n", s, s % 7, 100 * s, (s + 1) % 7,
                        100 * s + 5, cart ? "cart" : "view");
    if (buys)
      text += fmt::format("{},i1,{},purchase\n{},i2,{},view\n", s, 100 * s + 9, s, 100 * s + 10);
  }
  return text;
}

}  // namespace

TEST_CASE("measures of probabilities are what counting pairs and thresholds gives") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    const Binary predicted = random_predictions(seed, 40);
    double pairs = 0.0, right = 0.0, precisions = 0.0, yes = 0.0, best = 0.0, loss = 0.0;
    for (std::size_t i = 0; i < 40; ++i) {
      const double p = predicted.probabilities[i];
      loss -= std::log(predicted.happened[i] ? p : 1.0 - p) / 40.0;
      const Decision decision = decide(predicted, p);
      best = std::max(best, decision.f1);
      if (!predicted.happened[i]) continue;
      yes += 1.0;
      precisions += decision.precision;
      for (std::size_t j = 0; j < 40; ++j) {
        if (predicted.happened[j]) continue;
        pairs += 1.0;
        right += p > predicted.probabilities[j] ? 1.0 : p == predicted.probabilities[j] ? 0.5 : 0.0;
      }
    }
    CHECK(area_under_roc(predicted) == doctest::Approx(right / pairs));
    CHECK(average_precision(predicted) == doctest::Approx(precisions / yes));
    CHECK(log_loss(predicted) == doctest::Approx(loss));
    CHECK(best_decision(predicted).f1 == doctest::Approx(best));
    CHECK(decide(predicted, best_decision(predicted).threshold).f1 == doctest::Approx(best));
    const Estimate same = compare_average_precision(predicted, predicted);
    CHECK(same.low == 0.0);
    CHECK(same.high == 0.0);
  }
  CHECK(area_under_roc({.probabilities = {0.3, 0.4}, .happened = {true, true}}) == 0.5);
  CHECK(average_precision({.probabilities = {0.3}, .happened = {false}}) == 0.0);
  CHECK(std::isfinite(log_loss({.probabilities = {0.0}, .happened = {true}})));
}

TEST_CASE("a temperature undoes the scaling of logits") {
  tapegrad::Random random(5);
  std::vector<double> logits;
  std::vector<bool> happened;
  for (int i = 0; i < 20000; ++i) {
    const double logit = random.uniform(-3.0, 3.0);
    logits.push_back(3.0 * logit);
    happened.push_back(random.uniform(0.0, 1.0) < 1.0 / (1.0 + std::exp(-logit)));
  }
  CHECK(fit_temperature(logits, happened) == doctest::Approx(3.0).epsilon(0.05));
}

TEST_CASE("only what came before the first purchase is known of a session") {
  const TestFiles folder;
  const Sessions sessions =
      read_sessions(folder.write("shop.csv",
                                 "session,item,time,type\n1,a,1,view\n1,b,2,Order\n"
                                 "1,c,3,view\n2,a,4,view\n3,a,5,Order\n"),
                    {}, false, nullptr);
  const Index type = find_purchase_type(sessions.type_ids);
  CHECK(sessions.type_ids.name(type) == "Order");
  const PurchaseSessions purchases = purchases_by_type(sessions, type);
  REQUIRE(purchases.sessions.count() == 2);
  CHECK(purchases.sessions.of(0).size() == 1);
  CHECK(purchases.bought == std::vector<bool>{true, false});
  CHECK(purchases.left_out == 1);
  CHECK(message_of([&] {
          require_both({.sessions = sessions, .bought = {true, true, true}}, "x");
        }) == "x: expected sessions with a purchase and others, got 3 with one and 0 without");
}

TEST_CASE("logistic regression on counts has the highest penalised likelihood") {
  // At the weights that it finds, the derivative of the likelihood is the penalty's.
  const TestFiles folder;
  const Sessions sessions =
      read_sessions(folder.write("shop.csv", shop(0, 60)), {}, false, nullptr);
  const PurchaseSessions all = purchases_by_type(sessions, find_purchase_type(sessions.type_ids));
  const CountRegression model(all);
  std::vector<double> gradient(model.weights().size(), 0.0);
  for (Index s = 0; s < all.sessions.count(); ++s) {
    const History session = all.sessions.of(s);
    const double p = 1.0 / (1.0 + std::exp(-model.logit(session)));
    const double error = (all.bought[static_cast<std::size_t>(s)] ? 1.0 : 0.0) - p;
    const auto counts = session_counts(session, all.sessions.type_ids.size());
    gradient[0] += error;
    for (std::size_t i = 0; i < counts.size(); ++i) gradient[i + 1] += error * counts[i];
  }
  CHECK(gradient[0] == doctest::Approx(0.0).epsilon(1e-6));
  for (std::size_t i = 1; i < gradient.size(); ++i)
    CHECK(gradient[i] == doctest::Approx(model.weights()[i]).epsilon(1e-6));
}

TEST_CASE("tg-sequence trains, evaluates and asks models of purchases, by types and by labels") {
  using namespace sequence_files;
  const TestFiles folder;
  const auto file = [&](const std::string& name, const std::string& text) {
    return shell_quoted(folder.write(name, text));
  };
  const std::string train = file("train.csv", shop(0, 300)), test = file("test.csv", shop(300, 90));
  const std::string model = shell_quoted(folder.path("p.tg"));
  for (const std::string name : {"gru", "esasrec"}) {
    CAPTURE(name);
    const std::string task =
        "train --quiet --json --task purchase --width 8 --max-epochs 12 --model " + name +
        " --train " + train + " --test " + test + " --out " + model;
    const Outcome trained = run(task);
    REQUIRE_MESSAGE(trained.code == 0, trained.text);
    const auto result = nlohmann::json::parse(last_line(trained.text));
    CHECK(result["cases"] == 90);
    CHECK(result["baselines"].size() == 2);
    CHECK(result["auc"].get<double>() > 0.8);
    const std::string first = sequence_files::read(folder.path("p.tg"));
    REQUIRE(run(task + " --threads 1").code == 0);
    CHECK(sequence_files::read(folder.path("p.tg")) == first);
    const Outcome evaluated =
        run("evaluate --quiet --json --model-file " + model + " --test " + test);
    REQUIRE_MESSAGE(evaluated.code == 0, evaluated.text);
    CHECK(nlohmann::json::parse(last_line(evaluated.text))["log_loss"] == result["log_loss"]);
    const Outcome asked = run("predict --quiet --json --history i1,i2 --model-file " + model);
    REQUIRE_MESSAGE(asked.code == 0, asked.text);
    CHECK(nlohmann::json::parse(asked.text)["probability"].get<double>() < 1.0);
  }
  // A run that is over, or in its second part, goes on to the same file, calibration and all.
  const std::string run_of =
      "train --quiet --task purchase --width 8 --max-epochs 3 --model gru --protocol none "
      "--train " +
      train + " --out " + model + " --checkpoint " + shell_quoted(folder.path("run.ck"));
  REQUIRE(run(run_of).code == 0);
  const std::string whole = sequence_files::read(folder.path("p.tg"));
  REQUIRE(run(run_of + " --resume").code == 0);
  CHECK(sequence_files::read(folder.path("p.tg")) == whole);
  const Outcome others =
      run("train --quiet --task purchase --width 8 --max-epochs 3 --model gru --protocol none "
          "--train " +
          file("more.csv", shop(0, 300) + "299,i1,29999,purchase\n") + " --out " + model +
          " --resume --checkpoint " + shell_quoted(folder.path("run.ck")));
  CHECK(others.code == 1);
  CHECK_MESSAGE(others.text.find("is the checkpoint of another run") != std::string::npos,
                others.text);
  const std::string labelled = file("labelled.csv", [] {
    std::string text = "visit,product,bought\n";
    for (int s = 0; s < 60; ++s)
      text += fmt::format("{0},{1},{2}\n{0},x,{2}\n", s, s % 2 == 0 ? "a" : "b",
                          s % 2 == 0 ? "TRUE" : "no");
    return text;
  }());
  const std::string columns = " --columns session=visit,item=product,label=bought --model gru ";
  const std::string start = "train --task purchase --epochs 3 --train ";
  const Outcome by_label =
      run(start + labelled + columns + "--width 8 --protocol none --out " + model);
  CHECK_MESSAGE(by_label.code == 0, by_label.text);
  CHECK(by_label.text.find("30 of 60 sessions end in a purchase") != std::string::npos);
  CHECK(run("evaluate --model-file " + model + " --test " + test).code == 2);
  struct Case {
    std::string arguments;
    int code;
    std::string says;
  };
  const Case cases[] = {
      {start + train + " --model vsknn --test " + test, 2, "expected a neural network"},
      {start + train + " --model gru --loss bce --test " + test, 2,
       "--loss has no effect with model gru and task purchase"},
      {start + train + " --model gru --purchase-type order --protocol none", 1,
       "expected sessions with a purchase and others, got 0 with one"},
      {start + file("untyped.csv", "session,item\n1,a\n2,b\n") + " --model gru --protocol none", 1,
       "expected events of type purchase"},
      {start + file("odd.csv", "session,item,label\n1,a,perhaps\n") +
           " --model gru --protocol none --columns label=label",
       1, "odd.csv:2:3: expected a label"},
      {start + train + " --model gru --format lines --protocol none", 2, "task purchase needs"},
      {start + train + " --model gru --k 5 --protocol none", 2, "--k has no effect"},
      {"train --model gru --purchase-type x --train " + train + " --test " + test, 2,
       "--purchase-type has no effect with task sessions"}};
  for (const Case& one : cases) {
    CAPTURE(one.arguments);
    const Outcome outcome = run(one.arguments + " --quiet");
    CHECK(outcome.code == one.code);
    CHECK_MESSAGE(outcome.text.find(one.says) != std::string::npos, outcome.text);
  }
}
