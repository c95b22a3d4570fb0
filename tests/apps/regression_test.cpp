// Numbers to predict: labels, ridge regression, losses, measures, and tg-classify with them.
#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include <tapegrad/apps/classification/linear_classifier.h>
#include <tapegrad/apps/classification/number_report.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/file_bytes.h>
#include <tapegrad/apps/tables/table_classifier.h>
#include <tapegrad/apps/training/fit_examples.h>

#include "classify_files.h"

namespace {

using namespace classify_files;
namespace tg = tapegrad;
using tapegrad::Index;

// Houses: a price that bends with the area and jumps with the town, and one in `outliers` that is
// ten times as much.
std::string houses(std::uint64_t seed, int count, Index outliers = 0) {
  tg::Random random(seed);
  std::string csv = "rooms,area,town,price,rent\n";
  for (int i = 0; i < count; ++i) {
    const Index rooms = 1 + random.below(6), town = random.below(3);
    const double area = random.uniform(20.0, 200.0);
    const double clean = 50.0 * static_cast<double>(rooms) + 1.5 * area * (town == 0 ? 2.0 : 1.0) +
                         60.0 * std::sin(area / 15.0) + random.uniform(-10.0, 10.0);
    const bool odd = outliers > 0 && random.below(outliers) == 0;
    csv += fmt::format("{},{:.2f},{},{:.3f},{:.3f}\n", rooms, area, "ABC"[town],
                       odd ? 10.0 * clean : clean, 3.0 - clean / 100.0);
  }
  return csv;
}

// The rows, as lists of entries and as a matrix with a column of ones.
struct Drawn {
  SparseExamples rows;
  Eigen::MatrixXd matrix;
  std::vector<double> numbers;
};
Drawn random_rows(std::mt19937& random, Index count, Index width) {
  std::normal_distribution<double> normal;
  Drawn drawn;
  drawn.rows.width = width;
  drawn.matrix = Eigen::MatrixXd::Zero(count, width + 1);
  for (Index i = 0; i < count; ++i) {
    std::vector<FeatureEntry> row;
    for (Index c = 0; c < width; ++c) {
      if (random() % 3 == 0) continue;
      const auto value = static_cast<float>(normal(random));
      row.push_back({static_cast<int>(c), value});
      drawn.matrix(i, c) = static_cast<double>(value);
    }
    drawn.matrix(i, width) = 1.0;
    drawn.rows.add(row);
    drawn.numbers.push_back(3.0 + normal(random) + 2.0 * drawn.matrix(i, 0));
  }
  return drawn;
}

nlohmann::json target_of(const nlohmann::json& json) { return json["targets"][0]; }

}  // namespace

TEST_CASE("labels that are numbers are parsed, and tenths of them are strata") {
  std::vector<std::string> texts;
  for (int i = 0; i < 40; ++i) texts.push_back(std::to_string((i * 7) % 40));
  const Labels labels = number_labels_of(texts);
  CHECK(labels.are_numbers());
  CHECK(labels.classes.size() == 0);
  REQUIRE(labels.count() == 40);
  for (std::size_t i = 0; i < 40; ++i)
    CHECK(labels.of[i] == static_cast<Index>(labels.numbers[i]) / 10);
  // Equal numbers are in one stratum; few numbers are in few.
  const Labels equal = number_labels_of(std::vector<std::string>{"5", "5", " 5 ", "1e3", "-2.5"});
  CHECK(equal.numbers == std::vector<double>{5.0, 5.0, 5.0, 1000.0, -2.5});
  CHECK(equal.of[0] == equal.of[1]);
  CHECK(equal.of[1] == equal.of[2]);
  for (const char* text : {"", "  ", "nan", "inf", "3 stars", "x"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(number_labels_of(std::vector<std::string>{"1", text}), DataError);
  }
}

TEST_CASE("ridge regression is the solution of its normal equations") {
  for (const unsigned seed : {1U, 2U, 3U}) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const Drawn drawn = random_rows(random, 60, 5);
    for (const double cost : {0.01, 0.5, 20.0}) {
      CAPTURE(cost);
      const LinearScores found = fit_ridge(drawn.rows, drawn.numbers, cost);
      const Eigen::Map<const Eigen::VectorXd> numbers(drawn.numbers.data(), 60);
      const Eigen::MatrixXd gram =
          2.0 * cost * drawn.matrix.transpose() * drawn.matrix + Eigen::MatrixXd::Identity(6, 6);
      const Eigen::VectorXd expected =
          gram.ldlt().solve(2.0 * cost * drawn.matrix.transpose() * numbers);
      REQUIRE(found.classes == 1);
      REQUIRE(found.weights.size() == 6);
      for (Index c = 0; c < 6; ++c)
        CHECK(found.weights[static_cast<std::size_t>(c)] ==
              doctest::Approx(expected[c]).epsilon(1e-3));
    }
  }
}

TEST_CASE("measures of numbers are their formulas") {
  const NumberPredictions own{.predicted = {1.0, 2.0, 5.0, 4.0}, .truth = {1.0, 3.0, 3.0, 5.0}};
  const NumberMeasures measures = number_measures(own);
  CHECK(measures.rmse == doctest::Approx(std::sqrt(6.0 / 4.0)));
  CHECK(measures.mae == doctest::Approx(1.0));
  CHECK(measures.r2 == doctest::Approx(1.0 - 6.0 / 8.0));
  CHECK(huber_loss(own, 1.5) == doctest::Approx((0.0 + 0.5 + 1.5 * (2.0 - 0.75) + 0.5) / 4.0));
  CHECK(number_measures({.predicted = {2.0, 2.0}, .truth = {2.0, 2.0}}).r2 == 1.0);
  CHECK(number_measures({.predicted = {2.0, 3.0}, .truth = {2.0, 2.0}}).r2 == 0.0);
  CHECK(number_measures({}).rmse == 0.0);
  const NumberPredictions mean{.predicted = {3.0, 3.0, 3.0, 3.0}, .truth = own.truth};
  CHECK(number_measures(mean).r2 == doctest::Approx(0.0));
  CHECK(compare_squared_error(own, mean).mean == doctest::Approx((6.0 - 8.0) / 4.0));
}

TEST_CASE("what a model says of a number is in the label's own unit") {
  StoredClassifier model;
  const std::vector<Labels> truth{number_labels_of(std::vector<std::string>{"10", "20", "30"})};
  const std::vector<std::string> names{"price"};
  const std::vector<Index> some{0, 2};
  begin_classifier(model, {}, 1, truth, names, some);
  CHECK(model.predicts_numbers());
  CHECK(model.width() == 1);
  CHECK(model.numbers(std::vector<double>{0.0, 1.0, -1.0}) ==
        std::vector<std::vector<double>>{{20.0, 30.0, 10.0}});
  CHECK(as_outputs(model, truth)[0].numbers == std::vector<double>{-1.0, 0.0, 1.0});
  const std::vector<Index> one{1};
  CHECK_THROWS_WITH_AS(begin_classifier(model, {}, 1, truth, names, one),
                       "column \"price\": expected labels that differ, got 20 only", DataError);
}

TEST_CASE("tg-classify predicts numbers: networks beat ridge regression where prices bend") {
  const TestFiles folder;
  const std::string data = shell_quoted(folder.write("houses.csv", houses(1, 900)));
  const std::string model = shell_quoted(folder.path("m.tg"));
  const std::string loop = " --max-epochs 25 --learning-rate 0.01 --hidden 32";
  for (const std::string name : {"mlp", "wide-deep", "deepfm"}) {
    CAPTURE(name);
    const nlohmann::json json = json_of("train --task table --label price --loss mse --model " +
                                        name + loop + " --features rooms,area,town --data " + data);
    const double r2 = target_of(json)["r2"], ridge = target_of(json["baselines"][0])["r2"];
    CHECK(json["baselines"][0]["model"] == "ridge");
    CHECK(r2 > 0.9);
    CHECK(ridge > 0.6);
    CHECK(r2 > ridge);
    CHECK(json["against"][0]["measure"] == "squared_error");
    CHECK(json["against"][0]["high"] < 0.0);
  }
  // Two targets at once, kept in a file, and asked again.
  const nlohmann::json trained =
      json_of("train --task table --label price,rent --loss huber --huber-delta 0.5 --model mlp" +
              loop + " --train " + data + " --test " + data + " --out " + model);
  const nlohmann::json judged = json_of("evaluate --model-file " + model + " --data " + data);
  CHECK(judged["targets"] == trained["targets"]);
  CHECK(judged["targets"].size() == 2);
  const Outcome said = run("predict --quiet --json --model-file " + model + " --data " + data);
  REQUIRE(said.code == 0);
  const nlohmann::json last = nlohmann::json::parse(last_line(said.text));
  CHECK(last["targets"][0]["target"] == "price");
  const double price = last["targets"][0]["value"], rent = last["targets"][1]["value"];
  CHECK(price > 50.0);
  CHECK(rent == doctest::Approx(3.0 - price / 100.0).epsilon(0.3));
  REQUIRE(run("predict --model-file " + model + " --data " + data + " --out " +
              shell_quoted(folder.path("p.csv")))
              .code == 0);
  CHECK(read_file(folder.path("p.csv")).starts_with("id,price,rent\n1,"));
}

TEST_CASE("Huber's loss does not follow outliers as the squared error does") {
  const TestFiles folder;
  const std::string train = shell_quoted(folder.write("t.csv", houses(2, 900, 15))),
                    test = shell_quoted(folder.write("e.csv", houses(3, 300)));
  const auto error = [&](const std::string& loss) -> double {
    return target_of(
        json_of("train --task table --label price --features rooms,area,town --model "
                "mlp --baselines none --max-epochs 25 --learning-rate 0.01 --hidden "
                "32 --train " +
                train + " --test " + test + " --loss " + loss))["mae"];
  };
  const double huber = error("huber --huber-delta 0.1"), squared = error("mse");
  CHECK(huber < 40.0);
  CHECK(squared > 1.5 * huber);
}

TEST_CASE("folds, learning curves and tune of numbers") {
  const TestFiles folder;
  const std::string data = shell_quoted(folder.write("houses.csv", houses(4, 300)));
  const std::string ridge = "train --task table --label price --model ridge --data " + data;
  const nlohmann::json folds = json_of(ridge + " --folds 3");
  CHECK(target_of(folds)["r2"]["mean"] > 0.6);
  CHECK(target_of(folds)["rmse"]["deviation"] > 0.0);
  const std::string curve = folder.path("c.csv");
  REQUIRE(run(ridge + " --learning-curve " + shell_quoted(curve)).code == 0);
  CHECK(read_file(folder.path("c.csv")).starts_with("examples,target,rmse,r2\n"));
  // The size of batches is chosen by the loss of numbers.
  const nlohmann::json chosen = json_of(
      "train --task table --label price --loss mse --model mlp --batch auto --epochs 1 --baselines "
      "none --data " +
      data);
  for (const nlohmann::json& one : chosen["batches"][0]) CHECK(one["loss"] > 0.0);
  const Outcome tuned =
      run("tune --task table --label price --loss mse --model mlp --trials 2 --data " + data +
          " --out " + shell_quoted(folder.path("o.ini")));
  CAPTURE(tuned.text);
  CHECK(tuned.code == 0);
  CHECK(tuned.text.find("R²") != std::string::npos);
  // What was found is taken by train.
  const Outcome trained = run("train --task table --label price --model mlp --epochs 1 --data " +
                              data + " --options " + shell_quoted(folder.path("o.ini")));
  CAPTURE(trained.text);
  CHECK(trained.code == 0);
}

TEST_CASE("wrong usage with numbers to predict is one line and an exit code") {
  const TestFiles folder;
  const auto file = [&](const std::string& name, const std::string& text) {
    return shell_quoted(folder.write(name, text));
  };
  const std::string data = file("h.csv", houses(5, 60)), model = shell_quoted(folder.path("m"));
  const std::string mlp = "train --task table --label price --loss mse --model mlp --data ";
  const std::string ridge = "train --task table --label price --model ridge --data ";
  REQUIRE(run(ridge + data + " --out " + model).code == 0);
  struct Case {
    std::string arguments;
    int code;
    std::string says;
  };
  const Case cases[] = {
      {mlp + data + " --class-weights balanced", 2,
       "--class-weights has no effect where numbers are predicted"},
      {mlp + data + " --precision 0.9", 2, "--precision has no effect where numbers"},
      {ridge + data + " --confusion c.svg", 2, "--confusion has no effect where numbers"},
      {mlp + data + " --label-smoothing 0.1", 2, "--label-smoothing has no effect with --loss mse"},
      {mlp + data + " --huber-delta 2", 2, "--huber-delta has no effect with --loss mse"},
      {mlp + data + " --baselines logistic-regression", 2,
       "--baselines: logistic-regression predicts classes, not numbers"},
      {ridge + data + " --loss mse", 2, "--loss has no effect with model ridge"},
      {"train --task text --model bag --loss mse --data " + data, 2,
       "--loss has no effect with model bag"},
      {"train --task table --model mlp --loss l1 --data " + data, 2,
       "--loss must be one of cross-entropy, mse, huber, got \"l1\""},
      {ridge + file("w.csv", "a,price\n1,cheap\n2,3\n"), 1,
       "column \"price\": expected a number as the label of each example, got \"cheap\""},
      {ridge + file("g.csv", "a,price\n1,1e101\n2,3\n"), 1,
       "expected labels from -1e100 to 1e100, got \"1e101\""},
      {ridge + data + " --test-fraction 0 --predictions p.csv", 2, "--predictions needs a test"},
      {ridge + file("s.csv", "a,price\n1,3\n2,3\n4,3\n"), 1, "expected labels that differ, got 3"},
      {"train --task table --label price --model ridge --train " + data + " --test " +
           file("x.csv", "rooms,area,town,price,rent\n1,2,A,much,1\n"),
       1, "x.csv, column \"price\": expected a number"},
      {"evaluate --model-file " + model + " --confusion c.svg --data " + data, 2,
       "--confusion has no effect with a model that predicts numbers"},
      {"evaluate --model-file " + model + " --data " +
           file("y.csv", "rooms,area,town,price,rent\n1,2,A,much,1\n"),
       1, "y.csv, column \"price\": expected a number"},
      {"predict --model-file " + model + " --data " + data + " --k 2", 2,
       "--k has no effect with a model that predicts numbers"},
  };
  for (const Case& own : cases) {
    CAPTURE(own.arguments);
    const Outcome outcome = run(own.arguments);
    CAPTURE(outcome.text);
    CHECK(outcome.code == own.code);
    CHECK(last_line(outcome.text).find(own.says) != std::string::npos);
  }
  // Numbers of any size within bounds are learnt, kept and predicted.
  for (const std::string size : {"e90", "e-170", "e0"}) {
    CAPTURE(size);
    std::string csv = "a,price\n";
    for (int i = 0; i < 60; ++i) csv += fmt::format("{},{}{}\n", i % 5, 1 + i % 5, size);
    const std::string table = file("o.csv", csv);
    const nlohmann::json far = json_of(ridge + table + " --cost 100 --out " + model);
    CHECK(target_of(far)["mae"].get<double>() < 0.05 * std::stod("1" + size));
    const Outcome said = run("predict --quiet --json --model-file " + model + " --data " + table);
    const double last = nlohmann::json::parse(last_line(said.text))["targets"][0]["value"];
    CHECK(last == doctest::Approx(std::stod("5" + size)).epsilon(0.02));
  }
  // Many numbers that are taken for classes: somebody may have meant to predict them.
  const Outcome many =
      run("train --task table --label rooms,price --model mlp --epochs 1 --data " + data);
  CHECK(many.text.find("a model of tables predicts numbers with --loss mse") != std::string::npos);
}
