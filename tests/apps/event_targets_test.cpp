// Events of types that weigh differently: what is asked for, and what the losses count.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/sequence_split.h>
#include <tapegrad/apps/models/next_item_loss.h>
#include <tapegrad/apps/training/sequence_sources.h>

#include "sequence_files.h"
#include "small_sequence_models.h"

namespace {

using namespace tapegrad::apps;
using tapegrad::Index;
namespace tg = tapegrad;

// Sessions of views and purchases; an upper-case type is a purchase.
Sessions typed(const std::vector<std::string>& types) {
  Sessions sessions;
  sessions.type_ids.insert("view");
  sessions.type_ids.insert("Purchase");
  for (int item = 0; item < 9; ++item) sessions.items.insert("i" + std::to_string(item));
  for (const std::string& own : types) {
    std::vector<std::int32_t> items;
    std::vector<double> times;
    std::vector<std::int16_t> numbers;
    for (const char type : own) {
      items.push_back(static_cast<std::int32_t>(items.size() % 9));
      times.push_back(static_cast<double>(sessions.events.size() + items.size()));
      numbers.push_back(type == 'P' ? 1 : 0);
    }
    sessions.add("s" + std::to_string(sessions.count()), {items, times, numbers});
  }
  return sessions;
}

void weigh(Sessions& sessions, const std::string& weights) {
  sessions.type_weights = TypeWeights(EventWeights(weights), sessions.type_ids);
}

}  // namespace

TEST_CASE("only events of the greatest weight are asked for, and others still come before them") {
  Sessions sessions = typed({"vvPvPv", "Pv", "vP"});
  CHECK(next_item_cases(sessions).size() == 7);
  weigh(sessions, "view=1,purchase=5");
  const auto cases = next_item_cases(sessions);
  REQUIRE(cases.size() == 3);
  CHECK(cases[0].history.size() == 2);
  CHECK(cases[1].history.size() == 4);
  CHECK(cases[2].session == 2);
  const KnownTest known = known_test(sessions, sessions, {}, false);
  CHECK(known.questions.size() == 3);
  weigh(sessions, "view=0,purchase=1");
  CHECK(next_item_cases(sessions).size() == 3);
  // A type that is not listed weighs nothing.
  weigh(sessions, "purchase=1");
  CHECK(sessions.weight(sessions.of(0), 0) == 0.0);
}

TEST_CASE(
    "of a history the last event of the greatest weight is held out, with what comes after it") {
  Sessions histories = typed({"vPvPvPv", "vvP", "PPPP"});
  weigh(histories, "view=1,purchase=2");
  const SequenceSplit split = history_split(histories, {.repeats = Repeats::keep});
  REQUIRE(split.cases.size() == 2);  // the second user has one purchase: it trains
  CHECK(split.cases[0].history.size() == 5);
  CHECK(split.cases[0].relevant[0] == 5);
  REQUIRE(split.validation.size() == 2);
  CHECK(split.validation[0].history.size() == 3);
  CHECK(split.training.of(0).size() == 5);
  CHECK(split.choosing.of(0).size() == 3);
  CHECK(split.training.of(1).size() == 3);
  CHECK(split.cases[1].history.size() == 3);
  const SequenceSplit none =
      history_split(histories, {.protocol = "none", .repeats = Repeats::keep});
  CHECK(none.training.of(0).size() == 7);
  CHECK(none.validation[0].history.size() == 5);
  // From the middle of all times on.
  const SequenceSplit later = history_split(
      histories, {.protocol = "temporal", .cut = {.time = 4.0}, .repeats = Repeats::keep});
  REQUIRE(later.cases.size() >= 1);
  for (const NextItemCase& one : later.cases) {
    const History whole = later.judged.of(one.session);
    CHECK(whole.types[one.history.size()] == 1);
  }
}

TEST_CASE(
    "the loss of rows that weigh differently is the mean of each row's loss times its weight") {
  for (const std::string_view loss : next_item_losses()) {
    CAPTURE(std::string(loss));
    tg::Parameters parameters(3);
    const auto model =
        small_sequence_model("gru", small_sequence_settings("gru", "6", "9"), parameters, 9);
    tg::Tape tape({.threads = 1, .training = false});
    std::vector<float> numbers;
    tg::Random random(4);
    for (int i = 0; i < 5 * 6; ++i) numbers.push_back(static_cast<float>(random.normal()));
    const NextItemLossOptions options{.loss = next_item_loss_of(loss), .negatives = 4};
    const std::vector<Index> next{3, no_next_item, 8, 0, 3};
    const std::vector<double> weights{0.5, 7.0, 2.0, 1.0, 0.25};
    const bool own = options.loss == NextItemLoss::bce;
    const std::vector<Index> negatives =
        own ? std::vector<Index>{1, 2, 3, 4, 5} : std::vector<Index>{2, 5, 6, 7};
    const std::vector<double> log_q(9, std::log(1.0 / 9.0));
    const auto states = [&](std::size_t first, std::size_t count) {
      return tape.input(std::span<const float>(numbers).subspan(6 * first, 6 * count),
                        {static_cast<Index>(count), 6});
    };
    double expected = 0.0, mean = 0.0;
    for (const std::size_t row : {0U, 2U, 3U, 4U}) {
      const auto its = own ? std::span(negatives).subspan(row, 1) : std::span(negatives);
      const double one =
          model->loss(states(row, 1), {std::span(next).subspan(row, 1)}, options, its, log_q)
              .item();
      expected += weights[row] * one / 4.0;
      mean += one / 4.0;
    }
    const auto loss_of = [&](std::span<const double> of_rows) {
      return model->loss(states(0, 5), {next, of_rows}, options, negatives, log_q).item();
    };
    CHECK(loss_of(weights) == doctest::Approx(expected).epsilon(1e-5));
    CHECK(loss_of({}) == doctest::Approx(mean).epsilon(1e-5));
    CHECK(loss_of(std::vector<double>(5, 1.0)) == doctest::Approx(mean).epsilon(1e-5));
    const std::vector<Index> nothing(5, no_next_item);
    CHECK(model->loss(states(0, 5), {nothing}, options, negatives, log_q).item() == 0.0);
  }
}

TEST_CASE("weights of targets have the mean 1, and those of weight 0 are no targets") {
  Sessions sessions = typed({"vvPv", "Pvv"});
  weigh(sessions, "view=1,purchase=6");
  const TargetWeights weights(sessions);
  NextTargets targets;
  for (const std::size_t place : {1U, 2U, 3U}) weights.add(targets, sessions.of(0), place);
  weights.add_none(targets, 2);
  CHECK(targets.items == std::vector<Index>{1, 2, 3, no_next_item, no_next_item});
  CHECK(targets.weights == std::vector<double>{0.5, 3.0, 0.5, 0.0, 0.0});
  weigh(sessions, "view=0,purchase=6");
  const TargetWeights purchases(sessions);
  NextTargets few;
  for (const std::size_t place : {1U, 2U, 3U}) purchases.add(few, sessions.of(0), place);
  CHECK(few.items == std::vector<Index>{no_next_item, 2, no_next_item});
  CHECK(few.weights[1] == 1.0);
}

TEST_CASE("a model that was trained with --event-weights is asked for the same events again") {
  using namespace sequence_files;
  const Files files;
  std::string text = "session,item,time,type\n";
  for (int s = 0; s < 60; ++s) {
    for (int k = 0; k < 4; ++k)
      text +=
          fmt::format("{},i{},{},{}\n", s, (s + k) % 7, 10 * s + k, k == 3 ? "purchase" : "view");
  }
  const std::string data = shell_quoted(files.folder.write("typed.csv", text));
  const Outcome trained =
      run("train --json --model gru --width 8 --epochs 3 --baselines none --data " + data +
          " --event-weights view=1,purchase=4 --out " + files.model);
  REQUIRE_MESSAGE(trained.code == 0, trained.text);
  const auto json = nlohmann::json::parse(last_line(trained.text));
  CHECK(json["cases"] == 6);
  const Outcome again = run("evaluate --json --model-file " + files.model + " --data " + data);
  REQUIRE_MESSAGE(again.code == 0, again.text);
  const auto judged = nlohmann::json::parse(last_line(again.text));
  CHECK(judged["cases"] == 6);
  CHECK(judged["recall@20"] == json["recall@20"]);
  CHECK(run("train --model gru --format lines --train x --test y --event-weights a=1").code == 2);
  const Outcome untyped = run("train --model gru" + files.sessions + " --event-weights view=1");
  CHECK(untyped.code != 0);
  CHECK(std::ranges::count(untyped.text, '\n') == 1);
}
