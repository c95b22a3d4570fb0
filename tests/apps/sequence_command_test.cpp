// The program tg-sequence from outside: what it says, and its exit codes.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "sequence_files.h"

namespace {

using namespace sequence_files;

}  // namespace

TEST_CASE(
    "every model of sessions trains, evaluates to the same figures from its file, and predicts") {
  const Files files;
  for (const std::string name : {"popularity", "recent-popularity", "session-popularity",
                                 "association-rules", "sequential-rules", "vsknn", "stan", "rnn",
                                 "lstm", "gru", "sasrec", "esasrec", "nextitnet"}) {
    CAPTURE(name);
    const Outcome trained = run("train --quiet --json --model " + name + files.sessions +
                                Files::small(name) + " --out " + files.model);
    REQUIRE_MESSAGE(trained.code == 0, trained.text);
    const auto result = nlohmann::json::parse(last_line(trained.text));
    for (const char* key :
         {"model", "recall@20", "mrr@20", "epochs", "seconds", "seed", "protocol", "ties", "data"})
      CHECK(result.contains(key));
    const Outcome evaluated =
        run("evaluate --json --model-file " + files.model + " --test " + files.test);
    REQUIRE_MESSAGE(evaluated.code == 0, evaluated.text);
    CHECK(nlohmann::json::parse(last_line(evaluated.text))["mrr@20"] == result["mrr@20"]);
    const Outcome predicted =
        run("predict --quiet --k 3 --history item-1,item-2 --model-file " + files.model);
    REQUIRE_MESSAGE(predicted.code == 0, predicted.text);
    CHECK(std::count(predicted.text.begin(), predicted.text.end(), '\n') == 3);
  }
  const Outcome rules =
      run("train --quiet --model sequential-rules" + files.sessions + " --out " + files.model);
  REQUIRE(rules.code == 0);
  const std::string asked =
      shell_quoted(files.folder.write("asked.txt", "item-1 item-2\nitem-0,unheard,item-7\n"));
  const Outcome many =
      run("predict --quiet --k 1 --histories " + asked + " --model-file " + files.model);
  CHECK(many.text ==
        "history 1:\n  1  item-3  15.0000\ntg-sequence: item \"unheard\" is unknown and left "
        "out\nhistory 2:\n"
        "  1  item-0  14.0000\n");
  files.folder.write("spaced.tsv",
                     "SessionId\tItemId\tTime\n1\tred shoe\t1\n1\ta,b\t2\n1\tx \"y\"\t3\n");
  const std::string spaced = shell_quoted(files.folder.path("spaced.tsv"));
  const std::string spaced_model = shell_quoted(files.folder.path("spaced.tg"));
  REQUIRE(run("train --quiet --model sequential-rules --train " + spaced + " --test " + spaced +
              " --out " + spaced_model)
              .code == 0);
  CHECK(run("predict --quiet --k 1 --history '\"red shoe\"' --model-file " + spaced_model).text ==
        "  1  a,b  1.0000\n");
  CHECK(
      run("predict --quiet --k 1 --history '\"red shoe\", \" a,b \"' --model-file " + spaced_model)
          .text == "  1  x \"y\"  1.0000\n");
  CHECK(run("predict --k 1 --no-repeats --history '\"x \"\"y\"\"\"' --model-file " + spaced_model)
            .code == 0);
  const Outcome open_quote = run("predict --history '\"red' --model-file " + spaced_model);
  CHECK(open_quote.code == 1);
  CHECK(open_quote.text.find("expected a closing quote") != std::string::npos);
  const std::string gaps =
      shell_quoted(files.folder.write("gaps.txt", "item-1 item-2\n\"item-1\nitem-0\n"));
  const Outcome around =
      run("predict --quiet --k 1 --histories " + gaps + " --model-file " + files.model);
  CHECK(around.code == 0);
  // Three histories, two answers, and what is wrong with the second.
  CHECK(std::count(around.text.begin(), around.text.end(), '\n') == 6);
  const Outcome full =
      run("predict --k 1 --histories " + asked + " --model-file " + files.model + " > /dev/full");
  CHECK(full.code == 1);
  const Outcome others =
      run("predict --json --k 9 --no-repeats --history item-3 --model-file " + files.model);
  CHECK(nlohmann::json::parse(last_line(others.text))["items"].size() == 7);
}

TEST_CASE("the next item of users, among all and among sampled ones") {
  const Files files;
  for (const std::string name : {"gru", "sasrec"}) {
    CAPTURE(name);
    const Outcome trained =
        run("train --task next-item --quiet --json --model " + name + " --data " + files.users +
            Files::small(name) + " --out " + files.model);
    REQUIRE_MESSAGE(trained.code == 0, trained.text);
    const auto result = nlohmann::json::parse(last_line(trained.text));
    CHECK(result["cases"] == 30);
    const Outcome evaluated =
        run("evaluate --json --model-file " + files.model + " --data " + files.users);
    REQUIRE_MESSAGE(evaluated.code == 0, evaluated.text);
    CHECK(nlohmann::json::parse(last_line(evaluated.text))["ndcg@10"] == result["ndcg@10"]);
  }
  const Outcome few =
      run("train --task next-item --model gru --protocol sasrec100 --data " + files.users);
  CHECK(few.code == 1);
  CHECK_MESSAGE(
      few.text.find("sasrec100 needs 100 items that a user never had, there are 11 in all") !=
          std::string::npos,
      few.text);
}

TEST_CASE("sequence training is the same for any number of threads and differs with the seed") {
  const Files files;
  const auto train = [&](const std::string& options) {
    const Outcome trained = run("train --quiet --model gru --max-epochs 3 --width 8" +
                                files.sessions + options + " --out " + files.model);
    REQUIRE_MESSAGE(trained.code == 0, trained.text);
    return read(files.folder.path("model.tg"));
  };
  const std::string first = train(" --threads 1 --seed 5");
  CHECK(train(" --threads 2 --seed 5") == first);
  CHECK(train(" --threads 4 --seed 5") == first);
  CHECK(train(" --threads 1 --seed 6") != first);
}

TEST_CASE(
    "an interrupted command leaves a checkpoint, and resumes to the file of one that was not "
    "interrupted") {
  const Files files;
  std::string train =
      "train --quiet --model gru --width 64 --max-epochs 40 --patience 40 "
      "--batch 2 --curves " +
      shell_quoted(files.folder.path("curves")) + " --out " + files.model;
  SUBCASE("sessions") { train += files.sessions; }
  SUBCASE("language") {
    train += " --task language --unit characters --layers 1 --steps 20 --data " + files.train;
  }
  REQUIRE(run(train).code == 0);
  const std::string whole = read(files.folder.path("model.tg"));
  const std::string table = read(files.folder.path("curves.csv"));
  std::filesystem::remove(files.folder.path("model.tg"));
  const std::string checkpoint = " --checkpoint " + shell_quoted(files.folder.path("checkpoint"));
  // Later and later, from before anything is trained on.
  int interruptions = 0;
  double seconds = 0.02;
  const auto interrupted = [&](const std::string& options) {
    return run(train + checkpoint + options,
               "timeout --preserve-status -s INT " + std::to_string(seconds));
  };
  Outcome outcome = interrupted("");
  for (; outcome.code == 130 && interruptions < 100; ++interruptions) {
    seconds *= 1.25;
    outcome = interrupted(" --resume");
  }
  REQUIRE_MESSAGE(outcome.code == 0, outcome.text);
  CHECK(interruptions > 0);
  CHECK(read(files.folder.path("model.tg")) == whole);
  CHECK(read(files.folder.path("curves.csv")) == table);
}

TEST_CASE(
    "predict lists the items of a history where evaluate ranked them, says so, and asks for "
    "nothing that is not known") {
  const Files files;
  const std::string rebuy = shell_quoted(files.folder.write(
      "rebuy.csv",
      "user,item,time\na,milk,1\na,bread,2\na,milk,3\nb,milk,1\nb,bread,2\nb,eggs,3\n"
      "c,eggs,1\nc,bread,2\nc,milk,9\nd,salt,1\n"));
  const Outcome trained = run("train --task next-item --model sequential-rules --data " + rebuy +
                              " --out " + files.model);
  REQUIRE_MESSAGE(trained.code == 0, trained.text);
  CHECK(trained.text.find("read 10 rows of user \"user\", item \"item\", time \"time\": 4 users, 4 "
                          "items, from 1 to 9; skipped no lines") != std::string::npos);
  CHECK(trained.text.find("saved sequential-rules, trained on 7 events of 4 users, evaluated on "
                          "3 events of users (protocol loo)") != std::string::npos);
  const std::string ask = " --history ' milk ,bread' --model-file " + files.model;
  const Outcome standard = run("predict" + ask);
  CHECK(standard.text.find(
            "items of the history are left out, as in the evaluation (task next-item)") !=
        std::string::npos);
  CHECK(standard.text.find("  milk  ") == std::string::npos);
  CHECK(standard.text.find("eggs") != std::string::npos);
  CHECK(standard.text.find("salt") == std::string::npos);  // d's only event taught nothing
  CHECK(run("predict --quiet --no-repeats" + ask).text == run("predict --quiet" + ask).text);
  const Outcome repeats = run("predict --repeats" + ask);
  CHECK(repeats.text.find("items of the history are listed, too, unlike in the evaluation") !=
        std::string::npos);
  CHECK(repeats.text.find("  milk  ") != std::string::npos);
  CHECK(run("predict --repeats --no-repeats" + ask).code == 2);
  CHECK(run("predict --columns item.title=2" + ask)
            .text.find("--columns item.title=2 has no effect without --items") !=
        std::string::npos);
  const Outcome unlearnt = run("predict --quiet --history salt,milk --model-file " + files.model);
  CHECK(unlearnt.text.find("item \"salt\" was not trained on and is left out") !=
        std::string::npos);
  REQUIRE(run("train --quiet --model sequential-rules" + files.sessions + " --out " + files.model)
              .code == 0);
  CHECK(run("predict --history item-1 --model-file " + files.model)
            .text.find(
                "items of the history are listed, too, as in the evaluation (task sessions)") !=
        std::string::npos);
}

TEST_CASE("with protocol none everything trains, with a test or without") {
  const Files files;
  for (const std::string name : {"popularity", "gru"}) {
    CAPTURE(name);
    const Outcome sessions =
        run("train --quiet --json --protocol none --model " + name + Files::small(name, false) +
            " --train " + files.train + " --out " + files.model);
    REQUIRE_MESSAGE(sessions.code == 0, sessions.text);
    CHECK(!nlohmann::json::parse(last_line(sessions.text)).contains("recall@20"));
    CHECK(run("evaluate --model-file " + files.model + " --test " + files.test).code == 0);
    const Outcome histories =
        run("train --task next-item --protocol none --model " + name + Files::small(name, false) +
            " --data " + files.users + " --out " + files.model);
    REQUIRE_MESSAGE(histories.code == 0, histories.text);
    CHECK(histories.text.find(
              "trained on 150 events of 30 users, evaluated on none (protocol none)") !=
          std::string::npos);
    CHECK(run("evaluate --model-file " + files.model + " --data " + files.users).code == 1);
  }
}

TEST_CASE("a test of what was trained on is told, by name or by content") {
  const Files files;
  const std::string copy = shell_quoted(files.folder.write("copy.tsv", clicks(0, 40)));
  const std::string says = "these are the events that were trained on";
  const std::string train = "train --quiet --model popularity --train " + files.train + " --out " +
                            files.model + " --test ";
  CHECK(run(train + files.train).text.find(says) != std::string::npos);
  CHECK(run(train + copy).text.find(says) != std::string::npos);
  CHECK(run(train + files.test).text.find(says) == std::string::npos);
  CHECK(run("evaluate --model-file " + files.model + " --test " + copy).text.find(says) !=
        std::string::npos);
}

TEST_CASE(
    "a run that is over goes on with more epochs to the bits of one run, and another run's "
    "checkpoint says what differs") {
  const Files files;
  const std::string train =
      "train --quiet --model gru --width 8 --batch 8" + files.sessions + " --out " + files.model;
  const std::string with = " --checkpoint " + shell_quoted(files.folder.path("run.ck"));
  REQUIRE(run(train + " --epochs 5").code == 0);
  const std::string whole = read(files.folder.path("model.tg"));
  REQUIRE(run(train + " --epochs 2" + with).code == 0);
  CHECK(read(files.folder.path("model.tg")) != whole);
  const Outcome other = run(train + " --epochs 2 --seed 3 --learning-rate 0.5 --resume" + with);
  CHECK(other.code == 1);
  CHECK_MESSAGE(other.text.find("is the checkpoint of another run: seed 3 here and 1 there, "
                                "learning-rate 0.5 here and 0.003 there") != std::string::npos,
                other.text);
  const Outcome falling = run(train + " --epochs 5 --final-rate 0.5 --resume" + with);
  CHECK(falling.code == 1);
  CHECK(falling.text.find("final-rate 0.5 here and 1 there") != std::string::npos);
  const Outcome more = run(train + " --epochs 5 --resume" + with);
  REQUIRE_MESSAGE(more.code == 0, more.text);
  CHECK(read(files.folder.path("model.tg")) == whole);
  const Outcome fewer = run(train + " --epochs 4 --resume" + with);
  CHECK(fewer.code == 2);
  CHECK(fewer.text.find("--epochs can be raised, not lowered") != std::string::npos);
}

TEST_CASE("a recommender's file is not a sequence model's, and the other way round") {
  const Files files;
  REQUIRE(run("train --quiet --model popularity" + files.sessions + " --out " + files.model).code ==
          0);
  const Outcome foreign =
      run_program(TAPEGRAD_RECOMMEND, "recommend --user 1 --model-file " + files.model);
  CHECK(foreign.code == 1);
  CHECK(foreign.text.find("is no recommender of ours") != std::string::npos);
  const std::string whole = read(files.folder.path("model.tg"));
  files.folder.write("model.tg", whole.substr(0, whole.size() - 3));
  CHECK(run("predict --history item-1 --model-file " + files.model).code == 1);
  // A pipe that nobody writes to must not keep the program waiting.
  const std::string pipe = shell_quoted(files.folder.path("pipe"));
  REQUIRE(std::system(("mkfifo " + pipe).c_str()) == 0);
  const Outcome waiting = run("predict --history item-1 --model-file " + pipe, "timeout 10");
  CHECK(waiting.code == 1);
  CHECK(waiting.text.find("is not a regular file") != std::string::npos);
}

TEST_CASE("a model that is a link is written behind the link") {
  const Files files;
  std::filesystem::create_symlink("behind.tg", files.folder.path("link.tg"));
  for (int i = 0; i < 2; ++i) {  // a link to nothing, then to a file
    REQUIRE(run("train --quiet --model popularity" + files.sessions + " --out " +
                shell_quoted(files.folder.path("link.tg")))
                .code == 0);
    CHECK(std::filesystem::is_symlink(files.folder.path("link.tg")));
    CHECK(std::filesystem::is_regular_file(files.folder.path("behind.tg")));
  }
}
