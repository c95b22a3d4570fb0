// Wrong usage of tg-classify, and texts that it cannot read or that are odd.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "classify_files.h"

using namespace classify_files;

TEST_CASE("wrong usage and bad input of tg-classify are one line and an exit code") {
  const Files files;
  const auto file = [&](const std::string& name, const std::string& text) {
    return shell_quoted(files.folder.write(name, text));
  };
  REQUIRE(run("train --model naive-bayes --data " + files.train + " --out " + files.model).code ==
          0);
  const std::string svm = "train --model linear-svm --data ", bag = "train --model bag --data ";
  struct Case {
    std::string arguments;
    int code;
    std::string says;
  };
  const Case cases[] = {
      {"", 2,
       "a command is needed; there are train, tune, evaluate, predict, explain, embed, answer and "
       "reviews"},
      {"train", 2, "model"},
      {"train --model bag", 2, "expected --data, or --train and, where there is one, --test"},
      {"train --model oracle --data " + files.train, 2,
       "there is no model \"oracle\"; there are bag, cnn"},
      {bag + files.train + " --task chess", 2, "there is no task \"chess\"; there are text, table"},
      {bag + files.train + " --test " + files.test, 2, "--test has no effect with --data"},
      {"train --model bag --folds 3" + files.both, 2, "--folds has no effect with --train"},
      {"tune --model linear-svm --out o --data " + files.train, 2,
       "its options are chosen by train"},
      {"tune --model bag --folds 3 --out o --data " + files.train, 2, "in tune"},
      {bag + files.train + " --folds 1", 2, "--folds must be within [2, 1000], got 1"},
      {bag + files.train + " --folds 500", 2, "at most the number of examples, 120, got 500"},
      {bag + files.train + " --test-fraction 1", 2, "--test-fraction must be within"},
      {svm + files.train + " --epochs 3", 2, "--epochs has no effect with model linear-svm"},
      {svm + files.train + " --width 3", 2, "--width has no effect with model linear-svm"},
      {bag + files.train + " --cost 3", 2, "--cost has no effect with model bag"},
      {bag + files.train + " --class-weights heavy", 2,
       "--class-weights must be same or balanced, got \"heavy\""},
      {bag + files.train + " --precision 0", 2, "--precision must be above 0"},
      {bag + files.train + " --baselines cnn", 2, "--baselines: cnn is a neural network"},
      {bag + files.train + " --confusion c.png", 2, "ending in .svg, .csv or .txt"},
      {svm + files.train + " --tokens pieces", 2,
       "--tokens must be one of words, byte-pairs, characters, got \"pieces\""},
      {svm + files.train + " --merges 100", 2,
       "--merges has no effect without --tokens byte-pairs"},
      {bag + files.train + " --optimizer adam", 2, "must be one of adamw, sgd, got \"adam\""},
      {bag + files.train + " --optimizer sgd", 2, "--optimizer sgd needs --learning-rate"},
      {bag + files.train + " --batch auto --checkpoint c", 2,
       "--checkpoint has no effect with --batch auto"},
      {"tune --out o.ini --batch auto --model bag --data " + files.train, 2,
       "--batch auto has no effect in tune"},
      {bag + files.train + " --momentum 0.5", 2, "--momentum has no effect with --optimizer adamw"},
      {bag + files.train + " --l1 -1", 2, "l1 must be within"},
      {bag + files.train + " --gradient-norms", 2,
       "--gradient-norms has no effect without --curves"},
      {"train --model transformer --width 10 --heads 4 --data " + files.train, 2, "heads"},
      {svm + files.folder.path("none.csv"), 1, "none.csv"},
      {svm + files.train + " --label nowhere", 1, "nowhere"},
      {svm + files.train + " --text nowhere", 1, "nowhere"},
      {svm + files.train + " --label label,label", 1, "label"},
      {svm + files.train + " --label label,", 2, "--label: expected columns with commas between"},
      {svm + files.train + " --text ''", 2, "--text: expected columns with commas between"},
      {svm + file("one.csv", "text,label\na,x\nb,x\n"), 1,
       "column \"label\": expected labels of two classes or more, got \"x\" only"},
      {svm + file("blank.csv", "text,label\na, \nb,\n"), 1,
       "expected rows with a text and a label"},
      {svm + file("empty.csv", ""), 1, "empty.csv"},
      {svm + file("few.csv", "text,label\na,x\nb,y\n"), 1, "expected enough examples"},
      {"evaluate --model-file " + files.model, 2, "expected --data"},
      {"evaluate --model-file " + files.train + " --data " + files.test, 1, "train.csv"},
      {"evaluate --model-file " + files.model + " --data " +
           file("bare.csv", "review,kind\nnice,good\n"),
       1, "label"},
      {"predict --model-file " + files.model, 2, "expected --data or --input"},
      {"predict --model-file " + files.model + " --input a --data " + files.test, 2,
       "--data has no effect with --input"},
      {"predict --model-file " + files.model + " --input \"$(printf '\\377')\"", 2,
       "--input is not UTF-8"},
      {"predict --model-file " + files.model + " --data " + file("c.csv", "words,id\nnice,1\n"), 1,
       "review"},
      {"predict --model-file " + files.model + " --data " + files.test + " --id nowhere", 1,
       "nowhere"},
      {"explain --model-file " + files.model + " --input ''", 1, "has no words"},
      {"explain --model-file " + files.model + " --input good --class great", 2,
       "the model has no class \"great\""},
      {"explain --model-file " + files.model + " --input good --target t", 2,
       "the model has no target \"t\"; it has label"},
      {"explain --model-file " + files.model + " --input good --method gradients", 2,
       "explains neural networks, and naive-bayes is none"},
  };
  for (const Case& own : cases) {
    CAPTURE(own.arguments);
    const Outcome outcome = run(own.arguments);
    CAPTURE(outcome.text);
    CHECK(outcome.code == own.code);
    CHECK(last_line(outcome.text).find(own.says) != std::string::npos);
  }
}

TEST_CASE("odd texts and labels are taken for what they are, and told") {
  const Files files;
  const std::string head = "text,label\n";
  std::string odd = head;
  for (int i = 0; i < 40; ++i) odd += i % 2 == 0 ? "nice thing,Good\n" : "bad thing,bad\n";
  odd += ",Good\n😀😀,bad\n" + std::string(10'000'000, 'a') + ",bad\nonly one,rare\nfine,good\n";
  const std::string data = shell_quoted(files.folder.write("odd.csv", odd));
  for (const std::string model : {"bag", "cnn", "gru", "transformer", "linear-svm"}) {
    CAPTURE(model);
    const Outcome outcome =
        run("train --data " + data + " --model " + model + small(model) + " --out " + files.model);
    CAPTURE(outcome.text);
    CHECK(outcome.code == 0);
    CHECK(outcome.text.find("1 of them empty") != std::string::npos);
    CHECK(outcome.text.find("\"good\"") != std::string::npos);  // differs in case only
    CHECK(outcome.text.find("2 classes have a single example") != std::string::npos);
    for (const std::string text : {"''", "'😀'", "'unheard of'"}) {
      const Outcome said = run("predict --model-file " + files.model + " --input " + text);
      CHECK(said.code == 0);
    }
  }
  // Labels that are numbers stand in the order of numbers.
  std::string numbers = head;
  for (int i = 0; i < 60; ++i)
    numbers += fmt::format("word{0},{1}\n", i % 3, i % 3 == 0 ? "10" : i % 3 == 1 ? "9" : "-1");
  const auto result = json_of("train --model naive-bayes --data " +
                              shell_quoted(files.folder.write("n.csv", numbers)));
  const auto& classes = result["targets"].at(0)["classes"];
  CHECK(classes.at(0)["class"] == "-1");
  CHECK(classes.at(1)["class"] == "9");
  CHECK(classes.at(2)["class"] == "10");
}

TEST_CASE("a test with classes that the training does not have counts them as misses") {
  const Files files;
  const std::string test = shell_quoted(files.folder.write(
      "t.csv", "review,label\nThe coat is lovely,good\nThe coat is awful,bad\nstrange,unseen\n"));
  const auto result =
      json_of("train --model naive-bayes --train " + files.train + " --test " + test);
  const auto& target = result["targets"].at(0);
  CHECK(target["examples"] == 3);
  CHECK(target["unknown_class"] == 1);
  CHECK(target["accuracy"].get<double>() == doctest::Approx(2.0 / 3.0));
  CHECK(target["balanced_accuracy"] == 1.0);
}
