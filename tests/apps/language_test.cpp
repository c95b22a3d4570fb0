// Models of language: units, splits, chunks, what is written, and the commands.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/text_split.h>
#include <tapegrad/apps/models/language_file.h>
#include <tapegrad/apps/models/sequence_options.h>
#include <tapegrad/apps/models/text_writer.h>
#include <tapegrad/apps/training/fit_language.h>
#include <tapegrad/apps/training/text_source.h>

#include "sequence_files.h"

namespace {

using namespace tapegrad::apps;
using tapegrad::Index;
namespace tg = tapegrad;

std::vector<std::string> units_of(const std::string& text, TextUnit unit) {
  std::vector<std::string> units;
  for_each_unit(text, unit, [&](std::string_view one) { units.emplace_back(one); });
  return units;
}

std::string joined(const std::vector<std::string>& units, TextUnit unit) {
  TextJoiner joiner(unit);
  std::string text;
  for (const std::string& one : units) text += joiner.add(one);
  return text;
}

// A small untrained model of a vocabulary of so many units.
LanguageModel small_language_model(tg::Parameters& parameters, Index vocabulary, bool tied,
                                   RecurrentKind kind = RecurrentKind::lstm) {
  return LanguageModel(parameters.root(), vocabulary,
                       {.kind = kind, .width = 6, .embedding = 5, .layers = 2, .tied = tied});
}

std::vector<std::int32_t> random_text(std::uint64_t seed, std::size_t length, int vocabulary) {
  tg::Random random(seed);
  std::vector<std::int32_t> text;
  for (std::size_t i = 0; i < length; ++i)
    text.push_back(static_cast<std::int32_t>(random.below(vocabulary)));
  return text;
}

}  // namespace

TEST_CASE("words lie between blanks, lines end in a word, characters are code points") {
  using Units = std::vector<std::string>;
  CHECK(units_of(" the\tcat \r\n\nsat", TextUnit::words) ==
        Units{"the", "cat", "<eos>", "<eos>", "sat"});
  CHECK(units_of("", TextUnit::words).empty());
  CHECK(units_of("aß漢😀\n", TextUnit::characters) == Units{"a", "ß", "漢", "😀", "\n"});
  for (const std::string text : {"one two\nthree\n\nfour five", "\n\na\n", "word"})
    CHECK(joined(units_of(text, TextUnit::words), TextUnit::words) == text);
  const std::string text = "  any  blanks,\n ß漢😀\n";
  CHECK(joined(units_of(text, TextUnit::characters), TextUnit::characters) == text);
}

TEST_CASE("the vocabulary is that of what trains and validates; other units count as unknown") {
  const TextSplit split = split_texts(TextUnit::words, "a b a c\n", "a d\n", "a e d f", 1);
  CHECK(split.vocabulary.size() == 6);  // a b c <eos> d <unk>
  CHECK(split.vocabulary.name(5) == "<unk>");
  CHECK(split.validation_begin == 5);
  CHECK(split.training == std::vector<std::int32_t>{0, 1, 0, 2, 3, 0, 4, 3});
  CHECK(split.test.units == std::vector<std::int32_t>{0, 5, 4, 5});
  CHECK(split.test.unknown == 2);

  // A text that writes the unknown word itself has it where it is.
  const TextSplit own = split_texts(TextUnit::words, "<unk> b b c b", "b c", "c <unk> x", 2);
  CHECK(own.vocabulary.size() == 3);  // <unk> b c
  CHECK(own.training == std::vector<std::int32_t>{0, 1, 1, 2, 1, 1, 2});
  CHECK(own.test.units == std::vector<std::int32_t>{2, 0, 0});
  CHECK(own.test.unknown == 1);

  std::string text;
  for (int i = 0; i < 100; ++i) text += static_cast<char>('a' + i % 26);
  const TextSplit tenths = split_text(TextUnit::characters, text, 1);
  CHECK(tenths.before_validation().size() == 80);
  CHECK(tenths.validation().size() == 10);
  CHECK(tenths.test.units.size() == 10);
  CHECK(tenths.vocabulary.name(tenths.test.units[0]) == text.substr(90, 1));
  const TextSplit last = split_texts(TextUnit::characters, text, "", "", 1);
  CHECK(last.before_validation().size() == 90);
  CHECK(fingerprint(last) != fingerprint(tenths));

  CHECK_THROWS_WITH_AS(split_text(TextUnit::words, "too few words", 1),
                       "the text has 3 words: expected 20 or more, for a tenth of it tests",
                       DataError);
  CHECK_THROWS_AS(split_texts(TextUnit::words, "a", "b c", "", 1), DataError);
  CHECK_THROWS_AS(split_texts(TextUnit::words, "a b", "c", "", 1), DataError);
  CHECK_THROWS_AS(split_texts(TextUnit::words, "a b", "b c", "d", 1), DataError);
}

TEST_CASE("the loss of a text is that of one long run, however long the text is") {
  for (const bool tied : {false, true}) {
    for (const auto kind : {RecurrentKind::rnn, RecurrentKind::lstm, RecurrentKind::gru}) {
      tg::Parameters parameters(3);
      const LanguageModel model = small_language_model(parameters, 9, tied, kind);
      const auto text = random_text(4, 700, 9);
      tg::Tape tape({.threads = 1, .training = false});
      const std::vector<Index> ids(text.begin(), text.end() - 1),
          next(text.begin() + 1, text.end());
      const auto run = model.run(tape, ids, 1, model.layers().initial_state(tape, 1));
      const auto logits = model.logits(run.states).values<float>();
      double expected = 0.0;
      for (std::size_t i = 0; i < next.size(); ++i) {
        const auto row = logits.subspan(9 * i, 9);
        double sum = 0.0;
        for (const float logit : row) sum += std::exp(static_cast<double>(logit));
        expected += std::log(sum) - static_cast<double>(row[static_cast<std::size_t>(next[i])]);
      }
      CHECK(text_loss(model, text, 2) ==
            doctest::Approx(expected / static_cast<double>(next.size())).epsilon(1e-5));
      std::set<std::string> names;
      for (const auto& parameter : parameters) names.insert(parameter.name());
      CHECK(names.contains("projection/weight") == tied);
      CHECK(names.contains("output/weight") == !tied);
    }
  }
}

TEST_CASE("lanes go on where they were, and each epoch begins elsewhere") {
  // A text whose units are their own places tells where each chunk comes from.
  std::vector<std::int32_t> text(200);
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<std::int32_t>(i);
  tg::Parameters parameters(3);
  const LanguageModel model = small_language_model(parameters, 200, false);
  for (const auto& sizes : {std::pair<Index, Index>{4, 7}, {1, 1}, {300, 9}, {3, 500}}) {
    const Index lanes = sizes.first, steps = sizes.second;
    CAPTURE(lanes);
    TextSource source(model, text, {.lanes = lanes, .steps = steps, .seed = 1});
    std::set<Index> chunks;
    for (int epoch = 0; epoch < 5; ++epoch) {
      source.begin_epoch(epoch);
      Index samples = 0;
      tg::Tape tape({.threads = 1});
      while (source.next()) {
        tape.clear();
        source.loss(tape).item();
        source.computed();
        samples += source.samples();
      }
      CHECK(samples == source.epoch_samples());
      CHECK(samples > 0);
      CHECK(samples <= 199);
      CHECK(samples >= 199 - 2 * source.samples());
      chunks.insert(samples);
    }
  }
  // The shortest text there is.
  TextSource shortest(model, std::span(text).first(2), {.seed = 1});
  shortest.begin_epoch(0);
  CHECK(shortest.epoch_samples() == 1);
}

TEST_CASE("the loss of sampled units is on average that of all, and the same for a given seed") {
  constexpr Index vocabulary = 30;
  tg::Parameters parameters(3);
  const LanguageModel model = small_language_model(parameters, vocabulary, true);
  const auto text = random_text(6, 400, vocabulary);
  // The mean loss over an epoch, whose chunks begin where the seed says.
  const auto loss_of = [&](NextItemLoss loss, Index negatives) {
    TextSource source(model, text,
                      {.lanes = 4,
                       .steps = 5,
                       .loss = {.loss = loss, .negatives = negatives, .exponent = 0.5},
                       .seed = 2});
    source.begin_epoch(0);
    tg::Tape tape({.threads = 1});
    double total = 0.0, chunks = 0.0;
    for (; source.next(); ++chunks) {
      tape.clear();
      total += source.loss(tape).item();
      source.computed();
    }
    return total / chunks;
  };
  const double full = loss_of(NextItemLoss::softmax, 0);
  CHECK(loss_of(NextItemLoss::sampled_softmax, 2000) == doctest::Approx(full).epsilon(0.01));
  const double few = loss_of(NextItemLoss::sampled_softmax, 5);
  CHECK(few != full);
  CHECK(few == loss_of(NextItemLoss::sampled_softmax, 5));
}

TEST_CASE("units are drawn by their probabilities, cut by top-k and top-p") {
  const std::vector<float> logits{1.0F, 3.0F, -1.0F, 2.0F, 3.0F};
  const auto shares = [&](const SamplingOptions& options, Index left_out) {
    std::map<Index, double> found;
    constexpr int draws = 100000;
    for (int i = 0; i < draws; ++i)
      found[draw_unit(logits, options, (i + 0.5) / draws, left_out)] += 1.0 / draws;
    return found;
  };
  const auto expected = [&](const std::vector<std::size_t>& units, double temperature) {
    std::map<Index, double> probabilities;
    double sum = 0.0;
    for (const std::size_t unit : units)
      sum += std::exp(static_cast<double>(logits[unit]) / temperature);
    for (const std::size_t unit : units)
      probabilities[static_cast<Index>(unit)] =
          std::exp(static_cast<double>(logits[unit]) / temperature) / sum;
    return probabilities;
  };
  const auto same = [&](const SamplingOptions& options, Index left_out,
                        const std::vector<std::size_t>& units) {
    const auto found = shares(options, left_out), wanted = expected(units, options.temperature);
    REQUIRE(found.size() == wanted.size());
    for (const auto& [unit, probability] : wanted)
      CHECK(found.at(unit) == doctest::Approx(probability).epsilon(1e-3));
  };
  same({}, -1, {0, 1, 2, 3, 4});
  same({.temperature = 0.5}, -1, {0, 1, 2, 3, 4});
  same({}, 4, {0, 1, 2, 3});
  same({.top_k = 2}, -1, {1, 4});
  same({.temperature = 2.0, .top_k = 3}, -1, {1, 3, 4});
  // The probabilities are .400, .400, .147, .054 and .007.
  same({.top_p = 0.3}, -1, {1});
  same({.top_p = 0.5}, -1, {1, 4});
  same({.top_p = 0.9}, -1, {1, 3, 4});
  same({.top_p = 1.0}, -1, {0, 1, 2, 3, 4});
  CHECK(draw_unit(logits, {.temperature = 0.0}, 0.99, -1) == 1);
  CHECK(draw_unit(logits, {.temperature = 1e-3}, 0.999999, -1) == 4);
}

TEST_CASE("unigram frequencies lose what counting says") {
  const std::vector<std::int32_t> training{0, 0, 1, 0}, test{2, 0, 1};
  CHECK(unigram_loss(training, test, 3) ==
        doctest::Approx(-(std::log(4.0 / 7.0) + std::log(2.0 / 7.0)) / 2.0));
}

TEST_CASE("tg-sequence trains models of language, evaluates them, and writes text") {
  using namespace sequence_files;
  const TestFiles folder;
  std::string rhyme;
  for (int i = 0; i < 60; ++i) rhyme += "one two three four\nfive six seven eight\n";
  const std::string text = shell_quoted(folder.write("rhyme.txt", rhyme));
  const std::string more = shell_quoted(folder.write("more.txt", "one two three nine\n"));
  const std::string model = shell_quoted(folder.path("language.tg"));
  const std::string train =
      "train --task language --model gru --width 12 --layers 1 --batch 4 "
      "--steps 10 --dropout 0 --learning-rate 0.02 ";
  const Outcome words = run(train + "--data " + text + " --max-epochs 25 --json --out " + model);
  CHECK_MESSAGE(words.code == 0, words.text);
  const auto trained = nlohmann::json::parse(last_line(words.text));
  CHECK(trained["perplexity"].get<double>() < 1.3);  // what comes next is certain
  CHECK(trained["unigram"]["perplexity"].get<double>() > 7.0);
  CHECK(trained["vocabulary"] == 10);  // eight words, <eos>, <unk>
  CHECK(trained["options"]["tied"] == "on");
  CHECK(trained["options"]["embedding"] == "12");
  const auto perplexity = [&](const std::string& test) {
    const Outcome outcome = run("evaluate --json --model-file " + model + " --test " + test);
    CHECK_MESSAGE(outcome.code == 0, outcome.text);
    return nlohmann::json::parse(last_line(outcome.text));
  };
  const auto whole = perplexity(text);
  CHECK(whole["units"] == 599);
  CHECK(whole["loss"].get<double>() < trained["loss"].get<double>() + 0.1);
  const auto unknown = perplexity(more);
  CHECK(unknown["unknown"] == 1);
  CHECK(unknown["perplexity"].get<double>() > 2.0);

  const Outcome written =
      run("generate --quiet --temperature 0 --length 7 --prompt 'one two' --model-file " + model);
  CHECK(written.text == "one two three four\nfive six seven eight\n");
  const std::string drawn =
      "generate --quiet --length 30 --temperature 3 --json --model-file " + model;
  const Outcome first = run(drawn + " --seed 5");
  CHECK(first.code == 0);
  CHECK(first.text == run(drawn + " --seed 5").text);
  CHECK(first.text != run(drawn + " --seed 6").text);
  CHECK(first.text.find("<unk>") == std::string::npos);

  const Outcome parts = run(train + "--unit characters --train " + text + " --validation " + more +
                            " --test " + more + " --epochs 1");
  CHECK_MESSAGE(parts.code == 0, parts.text);
  CHECK(
      parts.text.find("2419 characters train, 19 of which validate, 19 test; 17 different ones") !=
      std::string::npos);
}

TEST_CASE("wrong usage and texts of tg-sequence with task language are one line and an exit code") {
  using namespace sequence_files;
  const TestFiles folder;
  const std::string text = shell_quoted(folder.write("t.txt", std::string(40, 'x') + " a b\n"));
  const std::string latin =
      shell_quoted(folder.write("latin.txt", "caf\xe9 caf\xe9s, caf\xe9s, caf\xe9\n"));
  const std::string empty = shell_quoted(folder.write("empty.txt", ""));
  const std::string model = shell_quoted(folder.path("language.tg"));
  const std::string train = "train --task language --epochs 1 --width 4 --model ";
  const std::string made = train + "lstm --unit characters --train " + text + " --out " + model;
  REQUIRE(run(made).code == 0);
  struct Case {
    std::string arguments;
    int code;
    std::string message;
  };
  for (const Case& one : std::vector<Case>{
           {train + "sasrec --data " + text, 2, "expected rnn, lstm or gru"},
           {train + "lstm", 2, "task language needs --data, or --train"},
           {train + "lstm --data " + text + " --test " + text, 2,
            "--test has no effect with --data"},
           {train + "lstm --data " + text + " --k 5", 2, "--k has no effect with task language"},
           {train + "lstm --data " + text + " --loss bce", 2,
            "--loss bce cannot be minimised with task language"},
           {train + "lstm --data " + text + " --calibration 0.5", 2, "--calibration has no effect"},
           {train + "lstm --data " + text + " --protocol none", 2, "--protocol has no effect"},
           {train + "lstm --data " + text + " --unit letters", 2, "there is no unit \"letters\""},
           {train + "lstm --data " + text + " --min-count 0", 2, "--min-count must be within"},
           {train + "lstm --data " + text, 1, "the text has 4 words: expected 20 or more"},
           {train + "lstm --train " + empty, 1, "the text that trains has 0 words"},
           {train + "lstm --train " + text + " --test " + empty, 1, "the text that tests is empty"},
           {train + "lstm --data " + latin + " --encoding utf-8", 1, "is not UTF-8"},
           {train + "lstm --data nowhere.txt", 1, "nowhere.txt: cannot open the file"},
           {"train --task sessions --model gru --unit words --train x --test y", 2,
            "--unit has no effect with task sessions"},
           {"predict --history a --model-file " + model, 2, "tg-sequence generate writes text"},
           {"evaluate --model-file " + model, 2, "a model of language needs --test"},
           {"evaluate --k 3 --model-file " + model + " --test " + text, 2, "--k has no effect"},
           {"evaluate --model-file " + model + " --test " + empty, 1, "has 0 characters"},
           {"generate --model-file " + text, 1, "is no safetensors file"},
           {"generate --model-file " + model + " --top-p 0", 2, "--top-p must be above 0"},
           {"generate --model-file " + model + " --temperature 0 --top-k 3", 2,
            "--top-k has no effect with --temperature 0"},
           {"generate --model-file " + model + " --length 0", 2, "--length must be within"},
           {"generate --model-file " + model + " --prompt ''", 2, "--prompt has no characters"},
       }) {
    CAPTURE(one.arguments);
    const Outcome outcome = run(one.arguments);
    CHECK_MESSAGE(outcome.code == one.code, outcome.text);
    CHECK_MESSAGE(outcome.text.find(one.message) != std::string::npos, outcome.text);
    CHECK(std::ranges::count(outcome.text, '\n') == 1);
  }
  // What can be read is read, and told.
  const Outcome read = run(train + "lstm --unit characters --train " + latin);
  CHECK(read.code == 0);
  CHECK(read.text.find("is not UTF-8 and was read as Latin-1") != std::string::npos);
  const Outcome prompt = run("generate --length 3 --prompt 'xé' --model-file " + model);
  CHECK(prompt.code == 0);
  CHECK(prompt.text.find("1 of 2 characters are not in the model's vocabulary") !=
        std::string::npos);
  // A vocabulary of one unit, and the unknown one.
  const std::string one = shell_quoted(folder.write("one.txt", std::string(50, 'x')));
  const Outcome single =
      run(train + "gru --unit characters --data " + one + " --out " + model + " --json");
  CHECK_MESSAGE(single.code == 0, single.text);
  CHECK(run("generate --model-file " + model, "").code == 2);  // lines never end
  CHECK(last_line(run("generate --quiet --length 4 --prompt x --model-file " + model).text) ==
        "xxxxx");
}
