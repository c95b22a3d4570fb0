// tg-classify on texts, from a table to a prediction.
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <tapegrad/apps/classification/text_row.h>

#include "classify_files.h"

using namespace classify_files;

TEST_CASE("every model of texts is trained, saved, evaluated and asked, on any number of threads") {
  const Files files;
  for (const TextRow& row : text_rows()) {
    const std::string name(row.name);
    CAPTURE(name);
    const std::string train = "train --task text --model " + name + small(name) + files.both;
    const auto one = json_of(train + " --threads 1 --out " + files.model);
    const auto two = json_of(train + " --threads 2");
    CHECK(one["targets"] == two["targets"]);
    const auto& target = one["targets"].at(0);
    CHECK(target["target"] == "label");
    CHECK(target["examples"] == 45);
    CHECK(target["accuracy"].get<double>() > 0.95);
    const auto again = json_of("evaluate --model-file " + files.model + " --data " + files.test);
    CHECK(again["targets"] == one["targets"]);
    const auto said = json_of("predict --k 3 --model-file " + files.model +
                              " --input 'a perfect dress, so soft'");
    const auto& classes = said["targets"].at(0)["classes"];
    CHECK(classes.at(0)["class"] == "good");
    double sum = 0.0;
    for (const auto& own : classes) sum += own["probability"].get<double>();
    CHECK(sum == doctest::Approx(1.0));
    const auto why = json_of("explain --model-file " + files.model +
                             " --input 'The coat is perfect' --class good");
    CHECK(why["contributions"].at(0)["name"] == "perfect");
    CHECK(why["contributions"].at(0)["contribution"].get<double>() > 0.0);
  }
}

TEST_CASE("an interrupted training of texts that is resumed gives the same file") {
  const Files files;
  const std::string ck = shell_quoted(files.folder.path("run.ck")),
                    whole = shell_quoted(files.folder.path("whole.tg"));
  const std::string train =
      "train --model bag --baselines none --width 16 --max-epochs 4 --batch 8 --data " +
      files.train;
  REQUIRE(run(train + " --out " + whole).code == 0);
  const std::string checkpoint = " --checkpoint-minutes 0 --checkpoint " + ck;
  bool interrupted = false;
  for (const char* after : {"0.05", "0.15", "0.3", "5"}) {
    const Outcome part = run(train + " --resume --out " + files.model + checkpoint,
                             std::string("timeout -s INT ") + after);
    CHECK((part.code == 130 || part.code == 0 || part.code == 124));
    interrupted |= part.code != 0;
    if (part.code == 0) break;
  }
  REQUIRE(run(train + " --resume --out " + files.model + checkpoint).code == 0);
  CHECK(read(files.folder.path("model.tg")) == read(files.folder.path("whole.tg")));
  MESSAGE("interrupted: " << interrupted);
}

TEST_CASE("several columns of labels are several answers of one model") {
  const Files files;
  for (const std::string model : {"bag", "naive-bayes"}) {
    const auto result = json_of("train --model " + model + small(model) + files.both +
                                " --label label,shoes --out " + files.model + " --confusion " +
                                shell_quoted(files.folder.path("c.txt")));
    REQUIRE(result["targets"].size() == 2);
    CHECK(result["targets"][1]["target"] == "shoes");
    for (const auto& target : result["targets"]) CHECK(target["accuracy"].get<double>() > 0.8);
    CHECK(result["targets"][1].contains("auc"));
    CHECK(!result["targets"][0].contains("auc"));
    CHECK(read(files.folder.path("c.1.txt")).starts_with("label: a line a class"));
    CHECK(read(files.folder.path("c.2.txt")).starts_with("shoes: a line a class"));
    const auto said = json_of("predict --model-file " + files.model +
                              " --input 'The sandals is awful, so broke today'");
    CHECK(said["targets"].at(0)["classes"].at(0)["class"] == "bad");
    CHECK(said["targets"].at(1)["classes"].at(0)["class"] == "yes");
    const auto why = json_of("explain --model-file " + files.model +
                             " --target shoes --input 'awful boots here'");
    CHECK(why["class"] == "yes");
    CHECK(why["contributions"].at(0)["name"] == "boots");
    REQUIRE(run("predict --model-file " + files.model + " --data " + files.test +
                " --id id --quiet --out " + shell_quoted(files.folder.path("items.csv")))
                .code == 0);
    std::istringstream rows(read(files.folder.path("items.csv")));
    std::string row;
    std::getline(rows, row);
    CHECK(row == "id,label,label probability,shoes,shoes probability");
    std::getline(rows, row);
    CHECK(row.starts_with("r0,"));
  }
}

TEST_CASE("predicted classes are features of items for tg-recommend") {
  const Files files;
  REQUIRE(run("train --model naive-bayes --data " + files.train + " --out " + files.model).code ==
          0);
  const std::string items = shell_quoted(files.folder.path("items.csv"));
  REQUIRE(run("predict --model-file " + files.model + " --data " + files.test + " --id id --out " +
              items)
              .code == 0);
  std::string events = "user,item\n";
  for (int user = 0; user < 30; ++user) {
    for (int k = 0; k < 5; ++k)
      events += fmt::format("u{},r{}\n", user, (user % 3 + 3 * k + user / 3) % 45);
  }
  const Outcome outcome =
      run_program(TAPEGRAD_RECOMMEND, "train --model content --data " +
                                          shell_quoted(files.folder.write("e.csv", events)) +
                                          " --items " + items + " --features label=label");
  INFO(outcome.text);
  CHECK(outcome.code == 0);
}

TEST_CASE("a learning curve tells what parts of the training would have given") {
  const Files files;
  const std::string csv = files.folder.path("curve.csv"), svg = files.folder.path("curve.svg"),
                    train = "train --model naive-bayes" + files.both + " --learning-curve ";
  const auto result = json_of(train + shell_quoted(csv));
  const auto& sizes = result["learning_curve"];
  // An eighth of 120 is too few to choose by.
  REQUIRE(sizes.size() == 3);
  CHECK(sizes[0]["examples"] == 30);
  CHECK(sizes[1]["examples"] == 60);
  CHECK(sizes[2]["examples"] == 120);
  CHECK(sizes[2]["targets"] == result["targets"]);
  CHECK(sizes[0]["targets"][0]["accuracy"].get<double>() <=
        sizes[2]["targets"][0]["accuracy"].get<double>());
  CHECK(read(csv).starts_with("examples,target,accuracy,log_loss\n30,label,"));
  CHECK(run(train + shell_quoted(svg)).text.find("trained on 60 examples: accuracy") !=
        std::string::npos);
  CHECK(read(svg).find("</svg>") != std::string::npos);
  CHECK(run(train + "curve.png").code == 2);
  CHECK(run("train --model naive-bayes --train " + files.train + " --learning-curve " +
            shell_quoted(csv))
            .code == 2);
}

TEST_CASE("cross-validation tests each example once, and tells mean and deviation") {
  const Files files;
  const std::string train = "train --model linear-svm --cost 1 --data " + files.train;
  const auto result = json_of(train + " --folds 4");
  CHECK(result["folds"] == 4);
  const auto& accuracy = result["targets"].at(0)["accuracy"];
  CHECK(accuracy["mean"].get<double>() > 0.95);
  CHECK(accuracy["deviation"].get<double>() >= 0.0);
  CHECK(json_of(train + " --folds 4 --seed 2")["targets"].size() == 1);
}

TEST_CASE("baselines stand beside a network, with the difference and its interval") {
  const Files files;
  const auto result = json_of(
      "train --model bag --width 16 --epochs 6 --batch 8 --learning-rate "
      "0.02 --data " +
      files.train);
  REQUIRE(result["baselines"].size() == 3);
  CHECK(result["baselines"][0]["model"] == "logistic-regression");
  CHECK(result["baselines"][0]["targets"][0]["accuracy"].get<double>() > 0.95);
  const auto& against = result["against"].at(0);
  CHECK(against["measure"] == "accuracy");
  CHECK(against["low"].get<double>() <= against["difference"].get<double>());
  CHECK(against["difference"].get<double>() <= against["high"].get<double>());
}

TEST_CASE("Chinese reviews go the whole way, as words and as characters") {
  const std::vector<std::string> good = {"质量很好，穿着舒服", "非常满意，下次还会购买",
                                         "颜色漂亮，尺码合适", "物流很快，包装完好"},
                                 bad = {"质量太差，洗一次就坏了", "非常失望，不会再买",
                                        "颜色不对，尺码偏小", "物流太慢，包装破损"};
  std::string csv = "评论,label\n";
  for (int i = 0; i < 60; ++i) {
    const auto own = static_cast<std::size_t>(i / 2 % 4),
               other = static_cast<std::size_t>(i / 8 % 4);
    csv += fmt::format("\"{}。{}\",{}\n", i % 2 == 0 ? good[own] : bad[own],
                       i % 2 == 0 ? good[other] : bad[other], i % 2 == 0 ? "好评" : "差评");
  }
  const TestFiles folder;
  const std::string data = shell_quoted(folder.write("z.csv", csv)),
                    model = shell_quoted(folder.path("m.tg")), html = folder.path("page.html");
  for (const std::string tokens : {"words", "byte-pairs", "characters"}) {
    for (const std::string name : {"logistic-regression", "cnn"}) {
      CAPTURE(tokens);
      CAPTURE(name);
      const auto result = json_of("train --text 评论 --model " + name + small(name) + " --tokens " +
                                  tokens + " --data " + data + " --out " + model);
      CHECK(result["targets"].at(0)["accuracy"] == 1.0);
      const auto said = json_of("predict --model-file " + model + " --input 这件衣服质量太差");
      CHECK(said["targets"].at(0)["classes"].at(0)["class"] == "差评");
      const auto why = json_of("explain --model-file " + model +
                               " --input 这件衣服质量太差 --html " + shell_quoted(html));
      CHECK(why["class"] == "差评");
      CHECK(read(html).find("差") != std::string::npos);
    }
  }
}

TEST_CASE(
    "networks are trained by stochastic gradient descent with L1, and curves show gradients") {
  const Files files;
  const std::string curves = files.folder.path("curves");
  const auto result = json_of(
      "train --model bag --width 8 --buckets 100 --batch 8 --baselines none --optimizer sgd "
      "--learning-rate 0.5 --momentum 0.8 --l1 1e-4 --epochs 12 --gradient-norms --curves " +
      shell_quoted(curves) + " --data " + files.train);
  CHECK(result["targets"].at(0)["accuracy"].get<double>() > 0.9);
  const std::string csv = read(curves + ".csv");
  for (const char* column : {"loss", "gradient norm of "})
    CHECK(csv.find(column) != std::string::npos);
  CHECK(read(curves + ".svg").find("gradient norm of ") != std::string::npos);
}

TEST_CASE("curves tell how much the loss depends on steps, and nothing else changes by it") {
  const Files files;
  const auto trained = [&](const std::string& more) {
    REQUIRE(run("train --model lstm --width 4 --embedding 4 --epochs 2 --test-fraction 0 --data " +
                files.train + " --out " + files.model + more)
                .code == 0);
    return read(files.folder.path("model.tg"));
  };
  const std::string curves = files.folder.path("curves");
  CHECK(trained("") == trained(" --gradient-norms --curves " + shell_quoted(curves)));
  const std::string csv = read(curves + ".csv");
  for (const char* column : {"gradient of step 1 from the end", "gradient of step 4 from the end",
                             "gradient norm of embedding/weight"})
    CHECK(csv.find(column) != std::string::npos);
  // No text has that many words.
  CHECK(csv.find("gradient of step 16 from the end") == std::string::npos);
}

TEST_CASE("the answers of several models are averaged") {
  const Files files;
  const std::string one = shell_quoted(files.folder.path("one.tg")),
                    other = shell_quoted(files.folder.path("other.tg"));
  REQUIRE(run("train --model naive-bayes" + files.both + " --out " + one).code == 0);
  REQUIRE(run("train --model logistic-regression" + files.both + " --out " + other).code == 0);
  const auto probabilities = [&](const std::string& models) {
    const Outcome said =
        run("predict --quiet --json --k 3 --model-file " + models + " --data " + files.test);
    REQUIRE(said.code == 0);
    std::istringstream in(said.text);
    std::vector<std::map<std::string, double>> all;
    for (std::string line; std::getline(in, line);) {
      std::map<std::string, double>& own = all.emplace_back();
      const nlohmann::json parsed = nlohmann::json::parse(line);
      for (const auto& of : parsed["targets"][0]["classes"]) own[of["class"]] = of["probability"];
    }
    return all;
  };
  const auto first = probabilities(one), second = probabilities(other),
             both = probabilities(one + " " + other);
  REQUIRE(both.size() == 45);
  REQUIRE(first.size() == 45);
  for (std::size_t i = 0; i < both.size(); ++i) {
    REQUIRE(both[i].size() == 3);
    for (const auto& [name, probability] : both[i])
      CHECK(probability == doctest::Approx((first[i].at(name) + second[i].at(name)) / 2.0));
  }
  const auto judged =
      json_of("evaluate --model-file " + one + " " + other + " --data " + files.test);
  CHECK(judged["model"] == "mean of naive-bayes, logistic-regression");
  CHECK(judged["targets"][0]["accuracy"].get<double>() > 0.9);
  CHECK(run("predict --model-file " + one + " " + other + " --input lovely").code == 0);
  // What does not go together.
  REQUIRE(
      run("train --model naive-bayes --label shoes" + files.both + " --out " + files.model).code ==
      0);
  const auto refuses = [&](const std::string& arguments, int code, const std::string& says) {
    const Outcome outcome = run(arguments);
    CAPTURE(outcome.text);
    CHECK(outcome.code == code);
    CHECK(last_line(outcome.text).find(says) != std::string::npos);
  };
  const std::string data = " --data " + files.test;
  refuses("evaluate --model-file " + one + " " + files.model + data, 2,
          "does not predict the same targets and classes as");
  refuses("evaluate --model-file " + one + " " + one + data, 2, "is named twice");
  refuses("evaluate --model-file " + one + " " + other + " --data - < /dev/null", 2,
          "expected a file, not a pipe");
  refuses("evaluate --model-file " + one + " " + files.test + data, 1, "test.csv.gz");
}

TEST_CASE("a size of batches is chosen by the validation loss after the same time") {
  const TestFiles folder;
  const std::string train =
      "train --model bag --width 8 --buckets 100 --baselines none --epochs 2 --batch auto --data " +
      shell_quoted(folder.write("train.csv", reviews(6, 400)));
  const auto result = json_of(train);
  const auto& tried = result["batches"].at(0);
  REQUIRE(tried.size() > 1);
  auto best = tried.at(0);
  for (const auto& one : tried) {
    CHECK(one["epochs"].get<int>() >= 1);
    CHECK(one["examples_per_second"].get<double>() > 0.0);
    if (one["loss"].get<double>() < best["loss"].get<double>()) best = one;
  }
  CHECK(tried.at(0)["epochs"] == 1);
  CHECK(result["options"]["batch"] == std::to_string(best["batch"].get<int>()));
  const Outcome told = run(train);
  CHECK(told.code == 0);
  CHECK(told.text.find("has the least loss for the same time") != std::string::npos);
}

TEST_CASE("columns may have names with blanks and commas") {
  const TestFiles folder;
  std::string csv = "\"Title, short\",Review Text,Would Buy\n";
  for (int i = 0; i < 60; ++i)
    csv += i % 2 == 0 ? "soft,lovely thing,yes\n" : "torn,awful thing,no\n";
  const auto result = json_of(
      "train --model naive-bayes --label 'Would Buy' --text '\"Title, "
      "short\",Review Text' --data " +
      shell_quoted(folder.write("c.csv", csv)));
  CHECK(result["targets"].at(0)["target"] == "Would Buy");
  CHECK(result["targets"].at(0)["accuracy"] == 1.0);
}

TEST_CASE("tune finds options of a network that train takes from its file") {
  const Files files;
  const std::string out = shell_quoted(files.folder.path("best.ini"));
  const std::string data =
      " --model bag --width 8 --buckets 100 --batch 8 --data " + files.train + " --quiet";
  const Outcome tuned = run("tune --trials 3 --minutes 1 --out " + out + data);
  INFO(tuned.text);
  REQUIRE(tuned.code == 0);
  CHECK(read(files.folder.path("best.ini")).find("learning-rate") != std::string::npos);
  const Outcome trained = run("train --baselines none --options " + out + data);
  INFO(trained.text);
  CHECK(trained.code == 0);
}

TEST_CASE(
    "a threshold has the precision that it is chosen for, and balanced classes find the rare") {
  // A word that says yes in four of five texts, and a rare class.
  std::string csv = "text,label\n";
  tapegrad::Random random(4);
  for (int i = 0; i < 600; ++i) {
    const bool hint = i % 4 == 0, yes = hint ? random.below(5) < 4 : random.below(20) == 0;
    csv += fmt::format("{} thing {},{}\n", hint ? "maybe" : "plain", i % 7, yes ? "yes" : "no");
  }
  const TestFiles folder;
  const std::string data = shell_quoted(folder.write("p.csv", csv));
  const auto of = [&](const std::string& options) {
    return json_of(
               "train --model bag --width 8 --buckets 50 --epochs 10 --learning-rate 0.02 "
               "--baselines none --data " +
               data + options)["targets"]
        .at(0);
  };
  const auto plain = of(""), sure = of(" --precision 0.75"),
             balanced = of(" --class-weights balanced");
  CHECK(plain["threshold"] == 0.5);
  CHECK(sure["threshold"] != 0.5);
  CHECK(sure["precision"].get<double>() > 0.6);
  CHECK(balanced["recall"].get<double>() >= plain["recall"].get<double>());
}
