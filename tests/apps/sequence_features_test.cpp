// Features of items as inputs of models of sequences.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/models/sequence_file.h>

#include "sequence_files.h"
#include "small_models.h"
#include "small_sequence_models.h"

namespace {

using namespace tapegrad::apps;
using tapegrad::Index;
namespace tg = tapegrad;

}  // namespace

TEST_CASE("an event's vector is its item's plus those of the item's features") {
  for (const std::string name : {"gru", "sasrec", "nextitnet"}) {
    CAPTURE(name);
    tg::Parameters parameters(3), plain_parameters(3);
    const ModelSettings settings = small_sequence_settings(name, "8", "6");
    const auto features = small_features(5);
    const auto model = sequence_row(name).make(settings, parameters.root(),
                                               {.items = 5, .item_features = features});
    const auto plain = small_sequence_model(name, settings, plain_parameters, 5);
    tg::Random random(2);
    tg::Array& weights = parameters.at("features/weight").mutable_value();
    for (Index i = 0; i < weights.size(); ++i) weights.set(i, random.uniform(-1.0, 1.0));
    // The same sums by hand, in the place of the items' vectors; outputs go by the items alone.
    for (const auto& parameter : plain_parameters)
      plain_parameters.at(parameter.name()).assign(parameters.at(parameter.name()).value());
    tg::Array table = parameters.at("items/weight").value();
    for (Index item = 0; item < 5; ++item) {
      for (std::size_t f = 0; f < features->places(item).size(); ++f) {
        for (Index w = 0; w < 8; ++w)
          table.set(8 * item + w,
                    table.at(8 * item + w) + static_cast<double>(features->values(item)[f]) *
                                                 weights.at(8 * features->places(item)[f] + w));
      }
    }
    plain_parameters.at("items/weight").assign(table);
    const std::vector<std::int32_t> items{4, 0, 3, 3};
    const History history{.items = items};
    tg::Tape tape({.threads = 1, .training = false});
    const tg::Array state = model->states(tape, {&history, 1}).copy();
    tape.clear();
    const tg::Array expected = plain->states(tape, {&history, 1}).copy();
    for (Index i = 0; i < state.size(); ++i)
      CHECK(state.at(i) == doctest::Approx(expected.at(i)).epsilon(1e-4));
  }
}

TEST_CASE(
    "features come from a table or from the events, are kept in the file, and are refused "
    "where nothing looks at them") {
  using namespace sequence_files;
  const Files files;
  std::string events = "session,item,time,kind\n", items = "item,kind\n";
  for (int s = 0; s < 60; ++s) {
    for (int k = 0; k < 4; ++k) {
      const int item = (s * 3 + k) % 9;
      events += fmt::format("{},i{},{},k{}\n", s, item, 10 * s + k, item % 3);
    }
  }
  for (int item = 0; item < 9; ++item) items += fmt::format("i{},k{}\n", item, item % 3);
  const std::string data = " --data " + shell_quoted(files.folder.write("events.csv", events));
  const std::string table = shell_quoted(files.folder.write("items.csv", items));
  const std::string train =
      "train --json --model gru --width 8 --epochs 4 --baselines none --out " + files.model + data;
  const auto figures = [](const Outcome& outcome) {
    REQUIRE_MESSAGE(outcome.code == 0, outcome.text);
    const auto json = nlohmann::json::parse(last_line(outcome.text));
    return std::pair(json["recall@20"].get<double>(), json["mrr@20"].get<double>());
  };
  const auto of_table = figures(run(train + " --items " + table + " --features kind=kind"));
  const auto again = figures(run("evaluate --json --model-file " + files.model + data));
  CHECK(again == of_table);
  const auto of_events = figures(run(train + " --columns item.kind=kind --features kind=kind"));
  CHECK(of_events == of_table);
  const StoredSequenceModel model = load_sequence_model(files.folder.path("model.tg"));
  REQUIRE(model.training.item_features);
  CHECK(model.training.item_features->vocabulary() == 3);
  const std::string ask = "predict --quiet --history i1,i2 --model-file " + files.model;
  const std::string with_features = run(ask).text;
  figures(run(train));
  CHECK(run(ask).text != with_features);

  struct Case {
    std::string arguments;
    std::string message;
  };
  const std::string bare = "train --model gru" + data;
  for (const Case& one :
       std::vector<Case>{{bare + " --items " + table, "--items has no effect without --features"},
                         {bare + " --features kind=kind", "needs --items"},
                         {bare + " --columns item.kind=kind", "item.kind"},
                         {bare + " --items " + table + " --features user.age=age", "user"},
                         {"train --model vsknn --features kind=kind --items " + table + data,
                          "has no effect with model vsknn"}}) {
    CAPTURE(one.arguments);
    const Outcome outcome = run(one.arguments);
    CHECK(outcome.code == 2);
    CHECK_MESSAGE(outcome.text.find(one.message) != std::string::npos, outcome.text);
  }
}
