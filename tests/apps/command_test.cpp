// The program tg-recommend from outside: what it says, and its exit codes.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <nlohmann/json.hpp>

#include "program_tools.h"
#include "test_files.h"

namespace {

namespace fs = std::filesystem;
using tapegrad::apps::TestFiles;
using namespace program_tools;

Outcome run(const std::string& arguments, const std::string& before = "") {
  return run_program(TAPEGRAD_RECOMMEND, arguments, before);
}

// Twelve users in two groups, each with items of its group; the times give every user a last event.
std::string events() {
  std::string text = "user,item,rating,timestamp\n";
  for (int user = 0; user < 12; ++user) {
    for (int k = 0; k < 6; ++k) {
      const int item = user % 2 * 10 + (user + k) % 9;
      text += "\"user, " + std::to_string(user) + "\",item-" + std::to_string(item) + ",4," +
              std::to_string(1000 + k) + "\n";
    }
  }
  return text;
}

}  // namespace

TEST_CASE(
    "every model trains, evaluates to the same figures from its file, and recommends what was not "
    "seen") {
  const TestFiles folder;
  const fs::path data = folder.path("events.csv");
  const fs::path items = folder.path("items.csv");
  write(data, events());
  write(items, "item,title\nitem-1,\"One, \"\"the first\"\"\"\nitem-2,Zwölf\n");
  for (const std::string model : {"popularity", "ease --lambda 10", "mf", "gmf", "mlp", "neumf"}) {
    CAPTURE(model);
    const fs::path file = folder.path("model.tg");
    const bool neural = model.find_first_of(" ") == std::string::npos && model != "popularity";
    const Outcome trained = run("train --quiet --json --data " + shell_quoted(data) + " --items " +
                                shell_quoted(items) + " --out " + shell_quoted(file) + " --model " +
                                model + (neural ? " --factors 4 --epochs 2" : ""));
    CHECK_MESSAGE(trained.code == 0, trained.text);
    const auto result = nlohmann::json::parse(last_line(trained.text));
    for (const char* key :
         {"model", "hr@10", "ndcg@10", "epochs", "seconds", "seed", "protocol", "ties", "data"})
      CHECK(result.contains(key));
    const Outcome evaluated =
        run("evaluate --json --model-file " + shell_quoted(file) + " --data " + shell_quoted(data));
    CHECK_MESSAGE(evaluated.code == 0, evaluated.text);
    CHECK(nlohmann::json::parse(last_line(evaluated.text))["hr@10"] == result["hr@10"]);
    const Outcome recommended =
        run("recommend --json --user 'user, 3' --k 4 --model-file " + shell_quoted(file));
    CHECK_MESSAGE(recommended.code == 0, recommended.text);
    CHECK(nlohmann::json::parse(last_line(recommended.text))["items"].size() == 4);
    const Outcome unknown = run("recommend --user nobody --k 2 --model-file " + shell_quoted(file));
    CHECK(unknown.code == 0);
    CHECK(unknown.text.find("user nobody is unknown") != std::string::npos);
  }
}

TEST_CASE("training is the same for any number of threads and differs with the seed") {
  const TestFiles folder;
  const fs::path data = folder.path("events.csv");
  write(data, events());
  const auto train = [&](const std::string& options) {
    const fs::path file = folder.path("model.tg");
    const Outcome trained = run("train --quiet --model neumf --factors 4 --epochs 3 --data " +
                                shell_quoted(data) + " --out " + shell_quoted(file) + options);
    REQUIRE_MESSAGE(trained.code == 0, trained.text);
    std::ifstream in(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const std::string first = train(" --threads 1 --seed 5");
  CHECK(train(" --threads 2 --seed 5") == first);
  CHECK(train(" --threads 1 --seed 6") != first);
}

TEST_CASE("wrong usage and bad input are one line and an exit code") {
  const TestFiles folder;
  const fs::path data = folder.path("events.csv");
  write(data, events());
  const auto file = [&](const std::string& name, const std::string& text) {
    write(folder.path(name), text);
    return shell_quoted(folder.path(name));
  };
  const std::string good = " --data " + shell_quoted(data) + " --model popularity";
  struct Case {
    std::string arguments;
    int code;
    std::string says;
  };
  const Case cases[] = {
      {"", 2, "a command is needed"},
      {"cook", 2, "there is no command"},
      {"train --model neumf", 2, "data"},
      {"train --nonsense 1" + good, 2, "nonsense"},
      {"train --threads 0" + good, 2, "--threads must be within [1, 1024], got 0"},
      {"train --threads two" + good, 2, "threads"},
      {"train --protocol chess" + good, 2, "there is no protocol"},
      {"train --model oracle --data " + shell_quoted(data), 2, "there is no model"},
      {"train --seed -1" + good, 2, "--seed must be within"},
      {"train --factors 4" + good, 2, "--factors has no effect with model popularity"},
      {"train --epochs 4" + good, 2, "--epochs has no effect with model popularity"},
      {"train --lambda 4" + good, 2, "--lambda has no effect with model popularity"},
      {"train --test-fraction 0.2" + good, 2, "--test-fraction has no effect with protocol loo"},
      {"train --columns item.id=2" + good, 2, "--columns item.id=2 has no effect without --items"},
      {"train --columns rating=3" + good, 2,
       "--columns rating=3 has no effect without --min-rating"},
      {"train --columns session=1" + good, 2,
       "--columns session=1 has no effect: the roles that are used are user, item, time, rating"},
      {"train --columns users=1" + good, 2,
       "--columns: there is no role \"users\"; there are user,"},
      {"train --min-rating 9" + good, 1, "expected an event with a rating of 9 or more, got none"},
      {"train --min-rating 3 --columns rating=nope" + good, 1,
       "expected a column \"nope\" for rating"},
      {"train --metric rmse" + good, 2, "--metric must be hr or ndcg, got \"rmse\""},
      {"train --model mf --loss squared --metric ndcg --data " + shell_quoted(data), 2,
       "--metric has no effect with the loss squared"},
      {"train --protocol none --k 5" + good, 2, "--k has no effect with protocol none"},
      {"train --test-fraction 2 --protocol temporal" + good, 2,
       "--test-fraction must be between 0 and 1, got 2"},
      {"train --model gmf --dropout 0.5 --data " + shell_quoted(data), 2,
       "--dropout has no effect with model gmf"},
      {"train --delimiter '\"'" + good, 2, "--delimiter must be a text without quotes"},
      {"train --exclude-items '\"a' " + good, 2,
       "--exclude-items: expected ids with commas between"},
      {"train --encoding koi8-r" + good, 2, "--encoding must be utf-8 or latin-1"},
      {"train --protocol temporal --columns time=none" + good, 1, "the table has no times"},
      {"train --model mf --negatives 4 --data " + shell_quoted(data), 2,
       "--negatives has no effect with the softmax loss"},
      {"train --model mf --epochs 4 --patience 2 --data " + shell_quoted(data), 2,
       "--patience has no effect with --epochs"},
      {"train --protocol ncf --header 1" + good, 2, "--header has no effect with protocol ncf"},
      {"train --protocol ncf --columns user=1" + good, 2,
       "--columns has no effect with protocol ncf, whose files have a form of their own"},
      {"train --model mlp --loss softmax --epochs 1 --data " + shell_quoted(data), 2,
       "--loss has no effect with model mlp"},
      {"train --model neumf --dropout 1.5 --data " + shell_quoted(data), 2, "dropout"},
      {"train --model neumf --learning-rate nan --data " + shell_quoted(data), 2, "learning-rate"},
      {"train --model popularity --data " + shell_quoted(folder.path("nothing.csv")), 1,
       "nothing.csv"},
      {"train --model popularity --data " + file("empty.csv", ""), 1, "empty.csv"},
      {"train --model popularity --data " + file("header.csv", "user,item,rating,timestamp\n"), 1,
       "header.csv"},
      {"train --model popularity --data " + file("one.csv", "a,x,1,1\na,y,1,2\na,z,1,3\n"), 1,
       "user"},
      {"train --model popularity --data " + file("same.csv", "a,x,1,1\nb,x,1,2\nc,x,1,3\n"), 1,
       "item"},
      {"train --min-rating 1 --model popularity --data " +
           file("nan.csv", events() + "u,i,nan,7\n"),
       1, "nan.csv:74:3"},
      {"train --model popularity --data " + file("soon.csv", events() + "u,i,1,soon\n"), 1,
       "--skip-bad-lines"},
      {"train --model popularity --data " + file("who.csv", "kunde,ware\n1,2\n"), 1,
       "--columns user=NAME or its number chooses one"},
      {"train --model popularity --data " + file("double.csv", "a:1\nb:2\n"), 1,
       "--delimiter says what lies between"},
      {"train --model popularity --data " + file("few.csv", events() + "u\n"), 1, "few.csv:74"},
      {"train --model popularity --out /nowhere/m.tg --data " + shell_quoted(data), 1,
       "/nowhere/m.tg"},
      {"recommend --user 1 --model-file " + file("text.tg", "this is no model"), 1, "text.tg"},
      {"recommend --user 1 --model-file " + file("short.tg", "1"), 1, "short.tg"},
      {"recommend --user 1 --k 0 --model-file " + file("k.tg", ""), 2, "--k"}};
  for (const Case& one : cases) {
    CAPTURE(one.arguments);
    const Outcome outcome = run(one.arguments);
    CHECK(outcome.code == one.code);
    CAPTURE(outcome.text);
    CHECK(outcome.text.find(one.says) != std::string::npos);
    CHECK(std::count(outcome.text.begin(), outcome.text.end(), '\n') == 1);
  }
}

TEST_CASE("no output is written over a file of protocol ncf") {
  const TestFiles folder;
  write(folder.path("d.train.rating"), "0\t10\n0\t11\n1\t10\n1\t12\n");
  write(folder.path("d.test.rating"), "0\t12\n1\t11\n");
  write(folder.path("d.test.negative"), "(0,12)\t13\n(1,11)\t13\n");
  const std::string train = "train --quiet --protocol ncf --model popularity --data " +
                            shell_quoted(folder.path("d")) + " --out ";
  CHECK(run(train + shell_quoted(folder.path("d.tg"))).code == 0);
  for (const char* part : {"d.train.rating", "d.test.rating", "d.test.negative"}) {
    const Outcome outcome = run(train + shell_quoted(folder.path(part)));
    CHECK(outcome.code == 2);
    CHECK_MESSAGE(outcome.text.find("is named twice") != std::string::npos, outcome.text);
  }
}

TEST_CASE("with protocol ncf, test items that were trained on are told") {
  const TestFiles folder;
  write(folder.path("d.train.rating"), "0\t10\n0\t11\n1\t10\n1\t12\n");
  write(folder.path("d.test.negative"), "(0,12)\t13\n(1,10)\t13\n");
  write(folder.path("d.test.rating"), "0\t12\n1\t10\n");
  const std::string train =
      "train --quiet --protocol ncf --model popularity --data " + shell_quoted(folder.path("d"));
  CHECK(
      run(train).text.find("d.test.rating: 1 of 2 test items were trained on for the same user") !=
      std::string::npos);
  write(folder.path("d.test.negative"), "(0,12)\t13\n(1,11)\t13\n");
  write(folder.path("d.test.rating"), "0\t12\n1\t11\n");
  CHECK(run(train).text.find("trained on for") == std::string::npos);
}

TEST_CASE("what is asked in bytes that are not UTF-8 is answered in JSON") {
  const TestFiles folder;
  write(folder.path("events.csv"), events());
  const std::string file = shell_quoted(folder.path("model.tg"));
  REQUIRE(run("train --quiet --model popularity --data " + shell_quoted(folder.path("events.csv")) +
              " --out " + file)
              .code == 0);
  const Outcome outcome = run("recommend --json --user \xFF --model-file " + file);
  CHECK(outcome.code == 0);
  CHECK(nlohmann::json::parse(last_line(outcome.text))["user"] == "\uFFFD");
}

TEST_CASE("a pipe is read, and a name too long for a model is told before anything is trained") {
  const TestFiles folder;
  write(folder.path("events.csv"), events());
  const std::string cat = "cat " + shell_quoted(folder.path("events.csv")) + " |";
  CHECK(run("train --quiet --model popularity --data /dev/stdin", cat).code == 0);
  const std::string far = folder.path(std::string(256, 'a'));
  const Outcome outcome = run("train --model mf --epochs 1 --data " +
                              shell_quoted(folder.path("events.csv")) + " --out " + far);
  CHECK(outcome.code == 1);
  CHECK_MESSAGE(outcome.text.find("cannot be written: File name too long") != std::string::npos,
                outcome.text);
  CHECK_MESSAGE(std::count(outcome.text.begin(), outcome.text.end(), '\n') == 1, outcome.text);
}

TEST_CASE("malformed lines are counted when asked, and duplicate events are no error") {
  const TestFiles folder;
  const fs::path data = folder.path("events.csv");
  write(data,
        events() + "u,i,4,soon\nu\n" + "\"user, 1\",item-11,4,900\n\"user, 1\",item-11,4,900\n");
  const Outcome outcome =
      run("train --skip-bad-lines --model popularity --data " + shell_quoted(data));
  CHECK(outcome.code == 0);
  CHECK_MESSAGE(outcome.text.find("skipped 2 malformed lines") != std::string::npos, outcome.text);
}

TEST_CASE(
    "a truncated model file is told, and a full disk on saving leaves the old file as it was") {
  const TestFiles folder;
  const fs::path data = folder.path("events.csv");
  const fs::path file = folder.path("model.tg");
  write(data, events());
  const std::string train = "train --quiet --model mf --factors 8 --epochs 1 --data " +
                            shell_quoted(data) + " --out " + shell_quoted(file);
  REQUIRE(run(train).code == 0);
  std::ifstream in(file, std::ios::binary);
  const std::string whole(std::istreambuf_iterator<char>(in), {});
  // A limit on the size of files stands for the full disk.
  const Outcome full = run(train, "ulimit -f 1;");
  CHECK(full.code == 1);
  CHECK_MESSAGE(full.text.find("model.tg") != std::string::npos, full.text);
  // Nothing half written.
  CHECK(std::distance(fs::directory_iterator(folder.directory()), fs::directory_iterator()) == 2);
  std::ifstream again(file, std::ios::binary);
  CHECK(std::string(std::istreambuf_iterator<char>(again), {}) == whole);
  write(file, whole.substr(0, whole.size() / 2));
  const Outcome damaged = run("recommend --user 1 --model-file " + shell_quoted(file));
  CHECK(damaged.code == 1);
  CHECK(damaged.text.find("model.tg") != std::string::npos);
}
