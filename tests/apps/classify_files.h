// What the tests of tg-classify share: its files, and how it is called.
#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/graph/random.h>

#include "program_tools.h"
#include "test_files.h"

namespace classify_files {

using namespace tapegrad::apps;
using namespace program_tools;

inline Outcome run(const std::string& arguments, const std::string& before = "") {
  return run_program(TAPEGRAD_CLASSIFY, arguments, before);
}
// The JSON object that a command prints last. The command must succeed.
inline nlohmann::json json_of(const std::string& arguments) {
  const Outcome outcome = run(arguments + " --json");
  INFO(outcome.text);
  REQUIRE(outcome.code == 0);
  return nlohmann::json::parse(last_line(outcome.text));
}

// Reviews in three classes, told apart by some of their words, and whether they are of shoes. Words
// and things are drawn independently.
inline std::string reviews(std::uint64_t seed, int count) {
  const std::vector<std::vector<std::string>> words = {
      {"awful", "broke", "refund"}, {"okay", "average", "usual"}, {"lovely", "perfect", "soft"}};
  const std::vector<std::string> things = {"shirt", "boots", "dress", "sandals", "coat"};
  const std::vector<std::string> classes = {"bad", "middling", "good"};
  tapegrad::Random random(seed);
  std::string csv = "id,review,product,label,shoes\n";
  for (int i = 0; i < count; ++i) {
    const auto draw = [&](const std::vector<std::string>& from) {
      return from[static_cast<std::size_t>(
          random.below(static_cast<tapegrad::Index>(from.size())))];
    };
    const auto own = static_cast<std::size_t>(i % 3);
    const std::string thing = draw(things), first = draw(words[own]), second = draw(words[own]);
    csv += fmt::format("r{},\"The {} is {}, so {} {}\",{},{},{}\n", i, thing, first, second,
                       random.below(2) == 0 ? "today" : "", thing, classes[own],
                       thing == "boots" || thing == "sandals" ? "yes" : "no");
  }
  return csv;
}

struct Files {
  TestFiles folder;
  std::string train = shell_quoted(folder.write("train.csv", reviews(1, 120)));
  std::string test = shell_quoted(folder.write_gzip("test.csv.gz", reviews(2, 45)));
  std::string model = shell_quoted(folder.path("model.tg"));
  std::string both = " --train " + train + " --test " + test;
};

// Small settings of a network, none for a model of counts.
inline std::string small(const std::string& model) {
  std::string options = " --baselines none --batch 8 --epochs 6 --learning-rate 0.02";
  if (model == "bag") return options + " --width 16 --buckets 500";
  if (model == "cnn") return options + " --width 8 --embedding 8 --kernels 1-2";
  if (model == "transformer") return options + " --width 16 --heads 2 --layers 1";
  if (model == "rnn" || model == "lstm" || model == "gru")
    return options + " --width 8 --embedding 8";
  return "";
}

}  // namespace classify_files
