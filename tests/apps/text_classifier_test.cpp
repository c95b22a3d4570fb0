// The parts of a classifier of texts: numbers, answers, reports and explanations.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <tapegrad/apps/classification/class_report.h>
#include <tapegrad/apps/classification/text_encoder.h>
#include <tapegrad/apps/classification/text_row.h>
#include <tapegrad/apps/explanation/text_explanation.h>
#include <tapegrad/apps/text/subwords.h>
#include <tapegrad/apps/training/fit_text.h>

namespace {

using namespace tapegrad::apps;
using tapegrad::Index;
using Words = std::vector<std::string>;

IdMap classes_named(const Words& names) {
  IdMap classes;
  for (const std::string& name : names) classes.insert(name);
  return classes;
}

// A network of two targets, trained a little on some sentences.
TextClassifier small_classifier(const std::string& name) {
  const Words texts = {"red shoes are good",  "blue shoes are bad", "red coats are bad",
                       "blue coats are good", "red shoes again",    "blue coats again"};
  const std::vector<Labels> truth = {labels_of(Words{"g", "b", "b", "g", "g", "b"}),
                                     labels_of(Words{"s", "s", "c", "c", "s", "c"})};
  TextClassifier model;
  model.name = name;
  TextFitOptions options{.settings = default_settings(text_row(name)), .examples = {}};
  if (options.settings.has(classifier_options::width))
    options.settings.set(classifier_options::width, "8");
  if (options.settings.has(classifier_options::min_count))
    options.settings.set(classifier_options::min_count, "1");
  for (const ModelOption* option : {&classifier_options::cost, &classifier_options::smoothing}) {
    if (options.settings.has(*option)) options.settings.set(*option, "1");
  }
  options.examples.loop.epochs = 3;
  options.examples.loop.learning_rate = 0.02;
  Progress progress(true);
  const std::vector<Index> all = {0, 1, 2, 3, 4, 5};
  const Words names = {"kind", "thing"};
  fit_text(model, texts, truth, names, all, options, progress);
  return model;
}

}  // namespace

TEST_CASE("parts of words are runs of 3 to 5 code points between marks") {
  const auto of = [](const std::string& word) {
    Words all;
    for_each_subword(word, [&](std::string_view one) { all.emplace_back(one); });
    return all;
  };
  CHECK(of("cat") == Words{"<ca", "<cat", "<cat>", "cat", "cat>", "at>"});
  CHECK(of("é") == Words{"<é>"});
  CHECK(of("") == Words{});
  // Of a long word the beginning counts: 102 points have 100 runs of 3, 99 of 4 and 98 of 5.
  std::string longer;
  for (int i = 0; i < 1000; ++i) longer += "é";
  CHECK(of(longer).size() == 297);
  CHECK(of(longer).back() == "éé>");
  CHECK(of("大衣") == Words{"<大衣", "<大衣>", "大衣>"});
}

TEST_CASE("n-grams and parts of words are numbered by hashes, and each is of some tokens") {
  const Words texts = {"Red shoes", "red coats, blue"};
  const std::vector<Index> first = {0};
  const TextEncoder encoder(texts, first,
                            {.length = 3, .buckets = 50, .longest = 2, .subwords = true});
  REQUIRE(encoder.vocabulary().size() == 3);  // the unknown token, and two words
  CHECK(encoder.width() == 53);
  const Cutting by_words{};
  Tokeniser tokeniser(by_words);
  const Words tokens = encoder.tokens(tokeniser, "red shoes shine brightly");
  CHECK(tokens == Words{"red", "shoes", "shine"});
  const auto numbers = encoder.numbers(tokens);
  const auto runs = encoder.runs(tokens);
  REQUIRE(numbers.size() == runs.size());
  CHECK(numbers[0] == encoder.vocabulary().find("red"));
  CHECK(numbers[2] == 0);
  std::multiset<std::size_t> lengths;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    CHECK((numbers[i] >= 3) == (i >= 3));
    CHECK(numbers[i] < 53);
    lengths.insert(runs[i].last - runs[i].first);
  }
  CHECK(lengths.count(2) == 2);
  // The same pair has the same number wherever it stands.
  const auto alone = encoder.numbers(Words{"shoes", "shine"});
  const auto pair_of = [&](const Words& words, std::size_t first_word) {
    const auto own = encoder.runs(words);
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (own[i].first == first_word && own[i].last == first_word + 2)
        return encoder.numbers(words)[i];
    }
    return -1;
  };
  CHECK(pair_of(tokens, 1) == pair_of({"shoes", "shine"}, 0));
  CHECK(alone.size() < numbers.size());
}

TEST_CASE("explanations by gradients sum to the score, and those by leaving out are differences") {
  const std::string text = "red coats are good, again";
  for (const TextRow& row : text_rows()) {
    const std::string name(row.name);
    CAPTURE(name);
    const TextClassifier model = small_classifier(name);
    if (model.parameters) model.parameters->settle();
    for (std::size_t target = 0; target < 2; ++target) {
      const auto probability = [&](const std::string& of) {
        return model.predictions(text_outputs(model, {&of, 1}, 1))[target].row(0)[1];
      };
      const auto log_odds = [](double p) { return std::log(p / (1.0 - p)); };
      const TextExplanation left = explain_text_by_leaving_out(model, text, target, 1, 1);
      CHECK(left.tokens == Words{"red", "coats", "are", "good", "again"});
      CHECK(left.explanation.score == doctest::Approx(log_odds(probability(text))).epsilon(1e-4));
      const std::string without = "red are good again";
      for (const Contribution& one : left.explanation.contributions) {
        if (one.part.number == 1)
          CHECK(one.value ==
                doctest::Approx(log_odds(probability(text)) - log_odds(probability(without)))
                    .epsilon(1e-3));
      }
      if (!row.is_neural()) {
        CHECK_THROWS_AS(explain_text_by_gradients(model, text, target, 1), OptionError);
        continue;
      }
      const TextExplanation shared = explain_text_by_gradients(model, text, target, 1);
      double sum = shared.explanation.without_all;
      for (const Contribution& one : shared.explanation.contributions) sum += one.value;
      CHECK(sum == doctest::Approx(shared.explanation.score).epsilon(0.02));
      CHECK(shared.explanation.score == doctest::Approx(left.explanation.score).epsilon(1e-4));
    }
  }
}

TEST_CASE("a report counts what an independent loop counts") {
  const auto seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0.01, 1.0);
  Target target{.name = "t", .classes = classes_named({"a", "b"})};
  target.threshold = 0.7;
  ClassPredictions predictions{.classes = 2, .probabilities = {}, .truth = {}};
  double hits = 0.0, predicted = 0.0, found = 0.0, known = 0.0;
  for (int i = 0; i < 200; ++i) {
    const double p = uniform(random);
    const Index truth = std::uniform_int_distribution<Index>(-1, 1)(random);
    predictions.probabilities.insert(predictions.probabilities.end(), {1.0 - p, p});
    predictions.truth.push_back(truth);
    const bool says = p >= 0.7;
    if (truth >= 0 && says == (truth == 1)) hits += 1.0;
    if (truth >= 0 && says) predicted += 1.0;
    if (truth == 1 && says) found += 1.0;
    if (truth >= 0) known += 1.0;
  }
  const ClassReport report = report_of(target, predictions);
  CHECK(report.examples == 200);
  CHECK(static_cast<double>(report.unknown) == 200.0 - known);
  CHECK(report.measures.accuracy == doctest::Approx(hits / 200.0));
  CHECK(report.precision == doctest::Approx(found / predicted));
  CHECK(report.is_binary);
  const std::string csv = confusion_csv(report);
  CHECK(csv.starts_with("class,a,b\na,"));
  CHECK(confusion_svg(report).find("</svg>") != std::string::npos);
}
