// Tables as numbers, the networks that read them, and tg-classify on tables.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/tables/deepfm.h>
#include <tapegrad/apps/tables/table_row.h>
#include <tapegrad/apps/tables/wide_deep.h>

#include "classify_files.h"

namespace {

using namespace classify_files;
namespace tg = tapegrad;
using tapegrad::Index;
using Fields = std::vector<std::string>;

std::vector<Index> all_of(std::size_t count) {
  std::vector<Index> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(static_cast<Index>(i));
  return all;
}

// What a field adds, by place.
std::vector<double> dense(const FieldEncoder& encoder, const std::string& field) {
  std::vector<FeatureEntry> row;
  encoder.encode(field, 0, row);
  std::vector<double> numbers(static_cast<std::size_t>(encoder.width()), 0.0);
  for (const FeatureEntry& entry : row)
    numbers[static_cast<std::size_t>(entry.place)] += static_cast<double>(entry.value);
  return numbers;
}

void check_close(const std::vector<double>& found, const std::vector<double>& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    CHECK(found[i] == doctest::Approx(expected[i]).epsilon(1e-5));
}

Records shop_records() {
  Records records;
  records.names = {"price", "colour", "same", "id"};
  records.columns = {{"1", "2", "", "4", "10", "3"},
                     {"red", "blue", "red", "NA", "blue", "green"},
                     {"x", "x", "x", "x", "x", "x"},
                     {"a1", "a2", "a3", "a4", "a5", "a6"}};
  return records;
}

// A table whose label depends on a number (more than 3), and on a category where that is missing.
std::string shop_table(std::uint64_t seed, int count, bool with_label = true) {
  tg::Random random(seed);
  std::string csv = with_label ? "price,colour,always,label\n" : "colour,price\n";
  for (int i = 0; i < count; ++i) {
    const Index price = random.below(7);
    const bool red = random.below(2) == 0, missing = random.below(4) == 0;
    const bool yes = missing ? red : price > 3;
    const std::string shown = missing ? "" : std::to_string(price), colour = red ? "red" : "blue";
    csv += with_label ? fmt::format("{},{},1,{}\n", shown, colour, yes ? "yes" : "no")
                      : fmt::format("{},{}\n", colour, shown);
  }
  return csv;
}

}  // namespace

TEST_CASE("numbers are scaled by what the training has") {
  const Fields fields = {"0", "1", "2", "3", "4", "100", "5"};
  const std::vector<Index> training = {0, 1, 2, 3, 4, 6};  // 100 is of the test
  const auto encoder = [&](NumberScale scale, Index bins = 5) {
    return FieldEncoder("x", FieldKind::number, fields, training, {.scale = scale, .bins = bins});
  };
  const double deviation = std::sqrt(35.0 / 12.0);
  check_close(dense(encoder(NumberScale::standard), "4"), {1.5 / deviation, 0.0});
  check_close(dense(encoder(NumberScale::min_max), "4"), {0.8, 0.0});
  check_close(dense(encoder(NumberScale::min_max), "100"), {1.0, 0.0});
  check_close(dense(encoder(NumberScale::min_max), "-7"), {0.0, 0.0});
  CHECK(dense(encoder(NumberScale::quantile), "2.5")[0] == doctest::Approx(0.5).epsilon(0.01));
  // Bins between 0, 1, 2, 3, 4 and 5, and a place for what is missing.
  const FieldEncoder piecewise = encoder(NumberScale::piecewise_linear);
  check_close(dense(piecewise, "2.25"), {1.0, 1.0, 0.25, 0.0, 0.0, 0.0});
  check_close(dense(piecewise, "100"), {1.0, 1.0, 1.0, 1.0, 1.0, 0.0});
  check_close(dense(piecewise, "-1"), {0.0, 0.0, 0.0, 0.0, 0.0, 0.0});
  for (const std::string missing : {"", "NA", "?", "three"})
    check_close(dense(piecewise, missing), {0.0, 0.0, 0.0, 0.0, 0.0, 1.0});
  CHECK(encoder(NumberScale::piecewise_linear, 2).width() == 3);
}

TEST_CASE("numbers of any size leave a table's inputs finite") {
  const Fields fields = {"1e308", "-1e308", "3", "-1e30", "1e30", "0", "1e-320"};
  for (const NumberScale scale : {NumberScale::piecewise_linear, NumberScale::standard,
                                  NumberScale::min_max, NumberScale::quantile}) {
    for (const auto& training : {all_of(7), std::vector<Index>{0, 1}, std::vector<Index>{2}}) {
      const FieldEncoder encoder("x", FieldKind::number, fields, training, {.scale = scale});
      for (const std::string& field : fields) {
        for (const double number : dense(encoder, field)) CHECK(std::abs(number) <= 10.0);
      }
      CHECK(dense(encoder, "1e308").back() == 1.0);
    }
  }
}

TEST_CASE("numbers are read as people write them, by column") {
  const auto sign = [](const Fields& fields) {
    return decimal_sign_of(fields, all_of(fields.size()));
  };
  CHECK(sign({"1.5", "", "-2", "NA"}) == DecimalSign::point);
  CHECK(sign({"1,5", "2", "inf"}) == DecimalSign::comma);
  CHECK(sign({"0,125", "0,250"}) == DecimalSign::comma);
  CHECK(sign({"1,250", "12,000"}) == DecimalSign::point);
  CHECK(sign({"£1.95", "£1,250.00"}) == DecimalSign::point);
  CHECK(sign({"1.250,00 €", "3,50 €"}) == DecimalSign::comma);
  CHECK(!sign({"1.5", "1,5x"}));
  CHECK(!sign({"", "NA"}));
  const Fields prices = {"0,5", "1,5", "2,5"};
  const FieldEncoder encoder("price", FieldKind::number, prices, all_of(3),
                             {.scale = NumberScale::min_max});
  CHECK(dense(encoder, "1,5")[0] == doctest::Approx(0.5));
  CHECK(dense(encoder, "2")[0] == doctest::Approx(0.75));
}

TEST_CASE("words of categories have a place each, rare ones share one, and many share hashes") {
  const Fields fields = {"red", "blue", "red", "", "NA", "blue", "once", "red"};
  const FieldEncoder encoder("c", FieldKind::category, fields, all_of(fields.size()), {});
  CHECK(encoder.width() == 4);  // unknown, red, and blue and missing twice each
  CHECK(dense(encoder, "once")[0] == 1.0);
  CHECK(dense(encoder, "never")[0] == 1.0);
  CHECK(dense(encoder, "red")[1] == 1.0);
  CHECK(dense(encoder, "") == dense(encoder, "NA"));
  const FieldEncoder hashed("c", FieldKind::category, fields, all_of(fields.size()),
                            {.min_count = 1, .hash_above = 3});
  CHECK(hashed.width() == 4);
  CHECK(dense(hashed, "red") == dense(hashed, "red"));
  CHECK(dense(hashed, "red")[0] == 0.0);
}

TEST_CASE("a table's columns are found out, and what says nothing is left out and told") {
  const Records records = shop_records();
  const TableEncoder encoder(records, all_of(6), {.columns = records.names});
  REQUIRE(encoder.fields().size() == 2);
  CHECK(encoder.fields()[0].kind() == FieldKind::number);
  CHECK(encoder.fields()[1].kind() == FieldKind::category);
  REQUIRE(encoder.notes().size() == 2);
  CHECK(encoder.notes()[0] == "column \"same\" is the same everywhere and is left out");
  CHECK(encoder.notes()[1] == "column \"id\" is different nearly everywhere and is left out");
  const TableInputs inputs = encoder.encode(records);
  CHECK(inputs.count() == 6);
  CHECK(rows_of(inputs).count() == 6);
  const TableEncoder forced(records, all_of(6),
                            {.fields = {.min_count = 1},
                             .columns = {"price"},
                             .kinds = {{"price", FieldKind::category}}});
  CHECK(forced.fields()[0].kind() == FieldKind::category);
  CHECK_THROWS_AS(TableEncoder(records, all_of(6), {.columns = {"size"}}), DataError);
  CHECK_THROWS_AS(TableEncoder(records, all_of(6), {.columns = {"same"}}), DataError);
}

TEST_CASE("DeepFM is its three terms, as loops add them up") {
  const Records records = shop_records();
  const TableEncoder encoder(records, all_of(6), {.columns = records.names});
  const TableInputs inputs = encoder.encode(records);
  tg::Parameters parameters(3);
  const TableMlpOptions options{.embedding = 3, .hidden = {4}, .dropout = 0.0};
  const DeepFm model(parameters.root(), inputs, 2, options);
  // Another linear part than zeros.
  tg::Random random(5);
  for (float& weight : parameters.at("linear/weight").mutable_value().values<float>())
    weight = static_cast<float>(random.uniform());
  tg::Tape tape({.threads = 1, .training = false});
  const auto found = model.outputs(tape, inputs, all_of(6)).values<float>();
  const auto of = [&](const char* name, Index at) {
    return static_cast<double>(
        parameters.at(name).value().values<float>()[static_cast<std::size_t>(at)]);
  };
  for (Index i = 0; i < 6; ++i) {
    std::vector<std::vector<double>> vectors;  // by field
    std::vector<double> expected(2, 0.0);
    for (Index f = 0; f < inputs.fields; ++f) {
      vectors.emplace_back(3, 0.0);
      const auto at = static_cast<std::size_t>(i * inputs.fields + f);
      for (Index e = inputs.offsets[at]; e < inputs.offsets[at + 1]; ++e) {
        const FeatureEntry& entry = inputs.entries[static_cast<std::size_t>(e)];
        const auto value = static_cast<double>(entry.value);
        for (Index d = 0; d < 3; ++d)
          vectors.back()[static_cast<std::size_t>(d)] +=
              value * of("embedding/weight", entry.place * 3 + d);
        for (Index c = 0; c < 2; ++c)
          expected[static_cast<std::size_t>(c)] += value * of("linear/weight", entry.place * 2 + c);
      }
    }
    std::vector<double> hidden;
    for (Index h = 0; h < 4; ++h) {
      double sum = of("layers/0/bias", h);
      for (Index k = 0; k < 6; ++k)
        sum += of("layers/0/weight", h * 6 + k) *
               vectors[static_cast<std::size_t>(k / 3)][static_cast<std::size_t>(k % 3)];
      hidden.push_back(std::max(0.0, sum));
    }
    for (Index c = 0; c < 2; ++c) {
      double& own = expected[static_cast<std::size_t>(c)];
      own += of("pairs/bias", c) + of("layers/1/bias", c);
      for (std::size_t d = 0; d < 3; ++d)
        own += of("pairs/weight", c * 3 + static_cast<Index>(d)) * vectors[0][d] * vectors[1][d];
      for (Index h = 0; h < 4; ++h)
        own += of("layers/1/weight", c * 4 + h) * hidden[static_cast<std::size_t>(h)];
      CHECK(static_cast<double>(found[static_cast<std::size_t>(i * 2 + c)]) ==
            doctest::Approx(own).epsilon(1e-4));
    }
  }
}

TEST_CASE(
    "every model of tables is trained, saved, evaluated and asked, on any number of threads") {
  const TestFiles folder;
  const std::string train = shell_quoted(folder.write("train.csv", shop_table(1, 400))),
                    test = shell_quoted(folder.write("test.csv", shop_table(2, 100))),
                    ask = shell_quoted(folder.write("ask.csv", shop_table(3, 5, false))),
                    model = shell_quoted(folder.path("m.tg"));
  for (const TableRow& row : table_rows()) {
    if (row.only_numbers) continue;
    const std::string name(row.name);
    CAPTURE(name);
    const std::string command = "train --task table --model " + name + " --train " + train +
                                " --test " + test +
                                (row.is_neural() ? " --epochs 12 --learning-rate 0.01 "
                                                   "--baselines none --hidden 16-8"
                                                 : "");
    const auto one = json_of(command + " --threads 1 --out " + model);
    CHECK(one["targets"] == json_of(command + " --threads 2")["targets"]);
    const auto& target = one["targets"].at(0);
    CHECK(target["target"] == "label");
    // What is missing decides which column counts, which no linear model sees.
    CHECK(target["accuracy"].get<double>() > (row.is_neural() ? 0.95 : 0.75));
    CHECK(json_of("evaluate --model-file " + model + " --data " + test)["targets"] ==
          one["targets"]);
    const Outcome said = run("predict --model-file " + model + " --data " + ask);
    INFO(said.text);
    CHECK(said.code == 0);
    CHECK(last_line(said.text).starts_with("5  "));
  }
  // The seeds' sizes on scaled numbers: 10-5 with two outputs.
  const auto plain = json_of(
      "train --task table --model mlp --hidden 10-5 --embedding 0 --scale "
      "min-max --epochs 30 --learning-rate 0.01 --baselines none --train " +
      train + " --test " + test);
  CHECK(plain["targets"].at(0)["accuracy"].get<double>() > 0.9);
}

TEST_CASE("cross-validation of tables, and parts without a header that take another part's") {
  const TestFiles folder;
  std::string bare = shop_table(2, 60);
  bare.erase(0, bare.find('\n') + 1);
  const std::string sources = shell_quoted(folder.write("a.csv", shop_table(1, 200))) + " " +
                              shell_quoted(folder.write("b.csv", bare));
  const auto result = json_of(
      "train --task table --model mlp --epochs 3 --folds 3 --baselines logistic-regression "
      "--data " +
      sources);
  CHECK(result["folds"] == 3);
  CHECK(result["baselines"].at(0)["targets"].at(0).contains("auc"));
  REQUIRE(result["against"].size() == 2);
  CHECK(result["against"].at(1)["measure"] == "log_loss");
}

TEST_CASE("wrong usage and odd tables of tg-classify are one line and an exit code") {
  const TestFiles folder;
  const auto file = [&](const std::string& name, const std::string& text) {
    return shell_quoted(folder.write(name, text));
  };
  const std::string data = file("t.csv", shop_table(1, 60)), model = shell_quoted(folder.path("m"));
  REQUIRE(run("train --task table --model logistic-regression --data " + data + " --out " + model)
              .code == 0);
  const std::string train = "train --task table --model logistic-regression --data ";
  struct Case {
    std::string arguments;
    int code;
    std::string says;
  };
  const Case cases[] = {
      {"train --task table --model bag --data " + data, 2, "there is no model \"bag\""},
      {train + data + " --text price", 2, "--text has no effect with task table"},
      {"train --task text --model naive-bayes --features a --data " + data, 2,
       "--features has no effect with task text"},
      {train + data + " --label nowhere", 1, "nowhere"},
      {train + data + " --label label,label", 1, "label"},
      {train + data + " --features price,label", 2, "column \"label\" is the label"},
      {train + data + " --features weight", 1, "has no column \"weight\""},
      {train + data + " --features price --categories colour", 2, "is none of --features"},
      {train + data + " --categories price --numbers price", 2, "is named before"},
      {train + data + " --features always", 1, "expected a column that tells the rows apart"},
      {"train --task table --model deepfm --embedding 0 --data " + data, 2,
       "--embedding must be 1 or more with model deepfm"},
      {train + file("n.csv", "a,b\n1,2\n3,4\n"), 1, "label"},
      {train + file("d.csv", "a,a,label\n1,2,x\n3,4,y\n"), 1, "two columns are called \"a\""},
      {train + file("b.csv", "a,label\n1,\n3,\n"), 1, "expected rows with a label"},
      {train + file("o.csv", "a,label\n1,x\n3,x\n"), 1, "labels of two classes or more"},
      {"predict --model-file " + model + " --data " + file("p.csv", "price\n3\n"), 1, "colour"},
      {"predict --model-file " + model + " --input red", 2,
       "--input has no effect with a model of tables"},
      {"explain --model-file " + model + " --input red", 1, "is no text classifier"},
      {"evaluate --model-file " + model + " --data " + file("e.csv", "price,colour\n3,red\n"), 1,
       "label"},
  };
  for (const Case& own : cases) {
    CAPTURE(own.arguments);
    const Outcome outcome = run(own.arguments);
    CAPTURE(outcome.text);
    CHECK(outcome.code == own.code);
    CHECK(last_line(outcome.text).find(own.says) != std::string::npos);
  }
  // A class that a model does not know, and fields that are none of what the training had.
  const Outcome odd = run("evaluate --model-file " + model + " --data " +
                          file("u.csv", "colour,price,label\ngreen,cheap,maybe\nred,1e300,yes\n"));
  CAPTURE(odd.text);
  CHECK(odd.code == 0);
  CHECK(odd.text.find("1 of unknown classes count as misses") != std::string::npos);
}

TEST_CASE("predictions of a test and of all folds are written, and agree with what is reported") {
  const TestFiles folder;
  const std::string data = shell_quoted(folder.write("t.csv", shop_table(9, 60)));
  const std::string path = folder.path("p.csv");
  const std::string train =
      "train --task table --model logistic-regression --predictions " + shell_quoted(path);
  const auto accuracy_in_file = [&](int& lines) {
    std::istringstream in(read(path));
    std::string line;
    std::getline(in, line);
    CHECK(line == "example,fold,label,label no,label yes");
    int right = 0;
    for (lines = 0; std::getline(in, line); ++lines) {
      std::vector<std::string> fields;
      std::istringstream parts(line);
      for (std::string field; std::getline(parts, field, ',');) fields.push_back(field);
      REQUIRE(fields.size() == 5);
      const double no = std::stod(fields[3]), yes = std::stod(fields[4]);
      CHECK(no + yes == doctest::Approx(1.0));
      right += (yes >= 0.5 ? "yes" : "no") == fields[2] ? 1 : 0;
    }
    return static_cast<double>(right) / lines;
  };
  int lines = 0;
  const auto folds = json_of(train + " --folds 4 --data " + data);
  CHECK(accuracy_in_file(lines) ==
        doctest::Approx(folds["targets"].at(0)["accuracy"]["mean"].get<double>()));
  CHECK(lines == 60);
  CHECK(read(path).find("\n60,") != std::string::npos);
  const auto test = json_of(train + " --train " + data + " --test " + data);
  CHECK(accuracy_in_file(lines) ==
        doctest::Approx(test["targets"].at(0)["accuracy"].get<double>()));
  CHECK(lines == 60);
  CHECK(read(path).find("\n1,1,") != std::string::npos);
}

TEST_CASE("rows without a label are left out, and all others stay as they are") {
  const TestFiles folder;
  const std::string whole = shop_table(3, 200);
  // The same rows, with unlabelled ones at the beginning, in the middle and at the end.
  std::string gaps;
  int line = 0;
  for (std::size_t at = 0; at < whole.size(); ++line) {
    const std::size_t end = whole.find('\n', at) + 1;
    gaps += whole.substr(at, end - at);
    if (line % 40 == 0) gaps += "3,red,1,\n";
    at = end;
  }
  const std::string train = "train --task table --model logistic-regression --data ";
  const nlohmann::json clean = json_of(train + shell_quoted(folder.write("w.csv", whole)));
  const std::string with_gaps = shell_quoted(folder.write("g.csv", gaps));
  CHECK(json_of(train + with_gaps)["targets"] == clean["targets"]);
  const Outcome told = run(train + with_gaps);
  CHECK(told.text.find("left out 6 rows without a label") != std::string::npos);
}

TEST_CASE("of several columns with usual names of labels the best name is taken") {
  const TestFiles folder;
  std::string csv = "y,price,class\n";
  for (int i = 0; i < 60; ++i) csv += fmt::format("{},{},{}\n", i, i % 2, i % 2 == 0 ? "a" : "b");
  const auto result = json_of("train --task table --model logistic-regression --data " +
                              shell_quoted(folder.write("c.csv", csv)));
  CHECK(result["targets"].at(0)["target"] == "class");
}
