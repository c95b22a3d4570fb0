// Known answers to questions, and when none is given.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/classification/known_answers.h>
#include <tapegrad/apps/evaluation/binary.h>

#include "classify_files.h"

using namespace classify_files;

namespace {

const std::vector<std::vector<std::string>> phrasings = {
    {"Where is my parcel?", "When will my parcel arrive?", "My parcel has not arrived",
     "Track a parcel"},
    {"How do I return shoes?", "Can I return an item?", "I want to return a dress",
     "Return by post"},
    {"Do you have gift cards?", "Buy a gift card", "Is my gift card valid?", "Gift card balance"}};
const std::vector<std::string> replies = {"See the tracking page.", "Within 30 days, \"free\".",
                                          "At the till, and here"};

KnownAnswers known() {
  std::vector<std::string> questions, answers;
  for (std::size_t a = 0; a < phrasings.size(); ++a) {
    for (const std::string& question : phrasings[a]) {
      questions.push_back(question);
      answers.push_back(replies[a]);
    }
  }
  const KnownAnswers::Embed embed = count_words_of(questions);
  return KnownAnswers(std::move(questions), std::move(answers), embed);
}

}  // namespace

TEST_CASE("a threshold is the least with the precision, or that of the greatest precision") {
  const Binary guesses{.probabilities = {0.9, 0.8, 0.8, 0.6, 0.4},
                       .happened = {true, true, false, true, false}};
  CHECK(threshold_for_precision(guesses, 1.0) == 0.9);
  CHECK(threshold_for_precision(guesses, 0.75) == 0.6);
  CHECK(threshold_for_precision(guesses, 0.6) == 0.4);
  const Binary wrong{.probabilities = {0.9, 0.8}, .happened = {false, true}};
  CHECK(threshold_for_precision(wrong, 0.9) == 0.8);
  CHECK(threshold_for_precision({.probabilities = {}, .happened = {}}, 0.9) == 0.5);
}

TEST_CASE("the nearest known question answers, each answer once") {
  const KnownAnswers answers = known();
  for (std::size_t a = 0; a < phrasings.size(); ++a) {
    for (const std::string& question : phrasings[a]) {
      const auto found = answers.nearest(question, 3);
      REQUIRE(found.size() == 3);
      CHECK(answers.question(found[0].question) == question);
      CHECK(answers.answer(found[0].question) == replies[a]);
      CHECK(found[0].similarity == doctest::Approx(1.0));
      CHECK(found[0].similarity >= found[1].similarity);
      CHECK(found[1].similarity >= found[2].similarity);
    }
  }
  const auto unheard = answers.nearest("xyzzy", 1);
  CHECK(unheard[0].similarity == 0.0);
  const auto threshold = answers.choose_threshold(0.9);
  REQUIRE(threshold);
  CHECK(threshold->asked == 12);
  CHECK(threshold->right * 10 >= threshold->answered * 9);
  CHECK(threshold->answered > 6);
  const std::vector<std::string> few{"a b", "c d"};
  CHECK(!KnownAnswers(few, few, count_words_of(few)).choose_threshold(0.9));
}

TEST_CASE("tg-classify answers from a table of questions, or abstains") {
  const Files files;
  std::string table = "question,answer\n";
  for (std::size_t a = 0; a < phrasings.size(); ++a) {
    for (const std::string& question : phrasings[a])
      table += fmt::format("\"{}\",\"{}\"\n", question,
                           a == 1 ? "Within 30 days, \"\"free\"\"." : replies[a]);
  }
  const std::string faq = shell_quoted(files.folder.write("faq.csv", table));
  const std::string answer = "answer --quiet --faq " + faq;
  const auto parcel = json_of(answer + " --input 'Has the parcel arrived?'");
  CHECK(parcel["answers"][0]["answer"] == replies[0]);
  CHECK(json_of(answer + " --k 3 --threshold 0 --input 'return parcel'")["answers"].size() == 2);
  CHECK(json_of(answer + " --input 'xyzzy plugh'")["answers"].empty());
  CHECK(run(answer + " --input 'xyzzy plugh'").text == "no known question is near enough\n");
  const std::string asked =
      shell_quoted(files.folder.write("asked.csv", "question\nreturn the shoes\nxyzzy\n"));
  const std::string out = files.folder.path("out.csv");
  REQUIRE(run(answer + " --data " + asked + " --out " + shell_quoted(out)).code == 0);
  const std::string written = read(out);
  CHECK(written.starts_with("id,answer,question,similarity\n1,\"Within 30 days, \"\"free\"\".\","));
  CHECK(written.ends_with("\n2,,,\n"));
  // By the vectors of a network.
  REQUIRE(run("train --model bag --width 8 --epochs 1 --baselines none --data " + files.train +
              " --out " + files.model)
              .code == 0);
  CHECK(json_of(answer + " --threshold 0.5 --model-file " + files.model +
                " --input 'Buy a gift card'")["answers"][0]["answer"] == replies[2]);
  struct Case {
    std::string arguments;
    int code;
    std::string says;
  };
  const std::string two =
      shell_quoted(files.folder.write("two.csv", "question,answer\na,b\nc,d\n"));
  const Case cases[] = {
      {"answer --input a", 2, "expected --faq"},
      {answer, 2, "expected either --input or --data"},
      {"answer --faq " + two + " --input a", 2, "expected --threshold"},
      {answer + " --input a --precision 0", 2, "--precision must be above 0"},
      {answer + " --input a --precision 0.5 --threshold 0.5", 2, "--precision has no effect"},
      {answer + " --input a --answer reply", 1, "reply"},
      {answer + " --input a --out o.csv", 2, "--input has no effect with --out"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.arguments);
    const Outcome outcome = run(one.arguments);
    CAPTURE(outcome.text);
    CHECK(outcome.code == one.code);
    CHECK(last_line(outcome.text).find(one.says) != std::string::npos);
  }
}
