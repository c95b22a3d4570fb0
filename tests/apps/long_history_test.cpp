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

// Events with all that a model may look at.
struct Events {
  std::vector<std::int32_t> items;
  std::vector<double> times;
  std::vector<std::int16_t> types;
  History history() const { return {items, times, types}; }
};

Events random_events(std::size_t length, std::uint64_t seed) {
  tg::Random random(seed, 1);
  Events events{random_history(length, seed), {}, {}};
  double time = 0.0;
  for (std::size_t i = 0; i < length; ++i) {
    events.times.push_back(time += std::exp(random.uniform(0.0, 9.0)));
    events.types.push_back(static_cast<std::int16_t>(random.below(2)));
  }
  return events;
}

// A model whose every input has an effect.
std::unique_ptr<SequenceModel> model_of_all_inputs(const std::string& name,
                                                   tg::Parameters& parameters) {
  ModelSettings settings = small_sequence_settings(name, "8", "20");
  settings.set(sequence_options::intervals, "on");
  settings.set(sequence_options::revisits, "on");
  auto model = sequence_row(name).make(settings, parameters.root(), {.items = items, .types = 2});
  tg::Random random(5);
  for (const char* input : {"types/weight", "intervals/weight", "revisits/weight"}) {
    tg::Array& array = parameters.at(input).mutable_value();
    for (tg::Index i = 0; i < array.size(); ++i) array.set(i, random.uniform(-1.0, 1.0));
  }
  return model;
}

}  // namespace

TEST_CASE("revisits are counted among the events before") {
  const std::vector<std::int32_t> visited{3, 1, 3, 3, 1, 3, 3, 2};
  EventInputs inputs;
  inputs.add(History{visited});
  CHECK(inputs.revisits == std::vector<tg::Index>{0, 0, 1, 2, 1, 3, 3, 0});
  EventInputs part;
  part.add(History{visited}, 2, 3);
  CHECK(part.revisits == std::vector<tg::Index>{1, 2, 1});
  // Only the last hundred events count.
  std::vector<std::int32_t> long_ago(200, 0);
  long_ago[0] = long_ago[99] = long_ago[199] = 7;
  EventInputs far;
  far.add(History{long_ago}, 199, 1);
  CHECK(far.revisits == std::vector<tg::Index>{1});
}

TEST_CASE(
    "a long history has the state that it has in one recording, alone and beside others, and the "
    "recording stays short") {
  for (const std::string name : {"rnn", "lstm", "gru", "sasrec", "esasrec", "nextitnet"}) {
    CAPTURE(name);
    tg::Parameters parameters(3);
    const auto model = model_of_all_inputs(name, parameters);
    std::vector<Events> all;
    for (const std::size_t length : {300U, 1U, 128U, 129U, 256U, 257U, 700U})
      all.push_back(random_events(length, length));
    std::vector<History> histories;
    for (const auto& one : all) histories.push_back(one.history());
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
    const auto model = model_of_all_inputs(name, parameters);
    const Events all = random_events(50, 9);
    SequenceModel::Trace trace;
    tg::Tape tape({.threads = 1, .training = false});
    for (std::size_t count = 1; count <= all.items.size(); ++count) {
      const History history = all.history().first(count);
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
    const auto model = model_of_all_inputs(name, parameters);
    const ModelPredictor predictor(*model, parameters);
    const Events first = random_events(30, 1), second = random_events(5, 2);
    std::vector<History> histories;
    for (std::size_t count = 1; count <= first.items.size(); ++count)
      histories.push_back(first.history().first(count));
    for (std::size_t count = 2; count <= second.items.size(); ++count)
      histories.push_back(second.history().first(count));
    histories.push_back(second.history().subspan(1, 3));
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
