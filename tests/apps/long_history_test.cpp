// Histories of any length: the same answer piece by piece, and no recording that grows with them.
#include <doctest/doctest.h>

#include <cmath>

#include <tapegrad/apps/models/sequence_model.h>
#include <tapegrad/apps/training/fit_sequence.h>

#include "../sanitizers.h"
#include "small_sequence_models.h"

namespace {

namespace tg = tapegrad;
using namespace tapegrad::apps;

constexpr tg::Index items = 40;

std::vector<std::int32_t> random_history(std::size_t length, std::uint64_t seed) {
  tg::Random random(seed);
  std::vector<std::int32_t> history(length);
  for (std::int32_t& item : history) item = static_cast<std::int32_t>(random.below(items));
  return history;
}

}  // namespace

TEST_CASE(
    "a long history has the state that it has in one recording, alone and beside others, and the "
    "recording stays short") {
  for (const std::string name : {"rnn", "lstm", "gru", "sasrec", "esasrec", "nextitnet"}) {
    CAPTURE(name);
    tg::Parameters parameters(3);
    const auto model =
        small_sequence_model(name, small_sequence_settings(name, "8", "20"), parameters, items);
    std::vector<std::vector<std::int32_t>> all;
    for (const std::size_t length : {300U, 1U, 128U, 129U, 256U, 257U, 700U})
      all.push_back(random_history(length, length));
    std::vector<History> histories;
    for (const auto& one : all) histories.push_back({one});
    tg::Tape tape({.threads = 1, .training = false});
    const tg::Array whole = model->states(tape, histories).copy();
    tape.clear();
    const tg::Array pieces = model->states_of_long(tape, histories).copy();
    REQUIRE(pieces.shape() == whole.shape());
    for (tg::Index i = 0; i < whole.size(); ++i) CHECK(std::abs(pieces.at(i) - whole.at(i)) < 1e-5);

    const auto nodes = [&](std::size_t length) {
      const auto history = random_history(length, 5);
      const History one{history};
      tape.clear();
      model->states_of_long(tape, {&one, 1}).copy();
      return tape.structure().nodes.size();
    };
    CHECK(nodes(2000) <= nodes(128));
  }
}

TEST_CASE("a history that grows event by event has the states of the whole") {
  for (const std::string name : {"rnn", "lstm", "gru", "sasrec", "esasrec", "nextitnet"}) {
    CAPTURE(name);
    tg::Parameters parameters(3);
    const auto model =
        small_sequence_model(name, small_sequence_settings(name, "8", "20"), parameters, items);
    const std::vector<std::int32_t> all = random_history(50, 9);
    SequenceModel::Trace trace;
    tg::Tape tape({.threads = 1, .training = false});
    for (std::size_t count = 1; count <= all.size(); ++count) {
      const History history = History{all}.first(count);
      tape.clear();
      const tg::Array grown = model->state_after(tape, history, trace).copy();
      tape.clear();
      const tg::Array whole = model->states_of_long(tape, {&history, 1}).copy();
      REQUIRE(grown.shape() == whole.shape());
      for (tg::Index i = 0; i < whole.size(); ++i)
        CHECK(std::abs(grown.at(i) - whole.at(i)) < 1e-5);
    }
  }
}

TEST_CASE(
    "beginnings of one session that are scored together have the scores that each has alone") {
  for (const std::string name : {"gru", "sasrec", "nextitnet"}) {
    CAPTURE(name);
    tg::Parameters parameters(3);
    const auto model =
        small_sequence_model(name, small_sequence_settings(name, "8", "20"), parameters, items);
    const ModelPredictor predictor(*model, parameters);
    const std::vector<std::int32_t> first = random_history(30, 1), second = random_history(5, 2);
    std::vector<History> histories;
    for (std::size_t count = 1; count <= first.size(); ++count)
      histories.push_back(History{first}.first(count));
    for (std::size_t count = 2; count <= second.size(); ++count)
      histories.push_back(History{second}.first(count));
    histories.push_back(History{second}.subspan(1, 3));
    std::vector<float> together(histories.size() * items), alone(items);
    predictor.score(histories, together);
    for (std::size_t h = 0; h < histories.size(); ++h) {
      CAPTURE(h);
      predictor.score({&histories[h], 1}, alone);
      for (std::size_t i = 0; i < items; ++i)
        CHECK(std::abs(together[h * items + i] - alone[i]) < 1e-5F);
    }
  }
}

TEST_CASE("a session of 100,000 events trains every model") {
  // Under a sanitizer fewer, for time.
  const std::size_t length = freed_memory_is_kept ? 5'000 : 100'000;
  const std::vector<std::int32_t> events = random_history(length, 4), few = random_history(9, 5);
  Sessions sessions;
  for (tg::Index item = 0; item < items; ++item) sessions.items.insert(std::to_string(item));
  sessions.add("long", {.items = events});
  for (int s = 0; s < 20; ++s) sessions.add(std::to_string(s), {.items = few});
  const SequenceSplit split = session_split(sessions, nullptr);
  Progress quiet(true);
  for (const SequenceRow& row : sequence_rows()) {
    if (row.needs_times) continue;
    CAPTURE(std::string(row.name));
    StoredSequenceModel model;
    model.name = row.name;
    SequenceFitOptions options;
    options.settings = small_sequence_settings(std::string(row.name), "4", "20");
    options.loop.epochs = 1;
    options.loop.threads = 1;
    fit_sequence(model, split, options, quiet);
    const auto predictor = make_predictor(model);
    CHECK(best_next_items(*predictor, {events}, items, 3, true).size() == 3);
  }
}
