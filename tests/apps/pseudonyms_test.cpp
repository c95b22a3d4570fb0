// Keyed hashes in the place of people's ids.
#include <doctest/doctest.h>

#include <string>

#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/pseudonyms.h>

#include "program_tools.h"
#include "test_files.h"

using namespace tapegrad::apps;
using namespace program_tools;

TEST_CASE("a pseudonym is the beginning of HMAC-SHA-256") {
  // RFC 4231, test cases 1 and 2.
  CHECK(Pseudonyms(std::string(20, '\x0b')).of("Hi There") == "b0344c61d8db38535ca8afceaf0bf12b");
  CHECK(Pseudonyms("Jefe").of("what do ya want for nothing?") ==
        "5bdcc146bf60754e6a042426089575c7");
  const TestFiles folder;
  write(folder.path("short"), "0123456789");
  CHECK_THROWS_AS(Pseudonyms::from_file(folder.path("short")), DataError);
  CHECK_THROWS_AS(Pseudonyms::from_file(folder.path("none")), DataError);
}

TEST_CASE("with a key no file holds an id, and commands with the key take ids") {
  const TestFiles folder;
  const auto data = folder.path("e.csv"), key = folder.path("key"), other = folder.path("other");
  std::string events = "user,item,time\n", more = "user,item,time\n", users = "user,kind\n";
  for (int user = 0; user < 12; ++user) {
    users += "person-" + std::to_string(user) + (user % 2 == 0 ? ",f\n" : ",m\n");
    for (int k = 0; k < 5; ++k)
      (user < 11 ? events : more) += "person-" + std::to_string(user) + ",item-" +
                                     std::to_string((user * 3 + k) % 9) + "," + std::to_string(k) +
                                     "\n";
  }
  write(data, events);
  write(folder.path("more.csv"), more);
  write(folder.path("users.csv"), users);
  write(key, "a key of some length");
  write(other, "another key of some length");
  const std::string with_key = " --pseudonymise " + shell_quoted(key);
  const std::string model = " --model-file " + shell_quoted(folder.path("m.tg"));
  const std::string source = " --quiet --data " + shell_quoted(data);
  const auto run = [](const std::string& arguments) {
    return run_program(TAPEGRAD_RECOMMEND, arguments);
  };
  const std::string train =
      "train --model two-tower --factors 4 --epochs 2 --baselines none "
      "--users " +
      shell_quoted(folder.path("users.csv")) + source + " --out ";
  const Outcome trained = run(train + shell_quoted(folder.path("m.tg")) + with_key);
  REQUIRE_MESSAGE(trained.code == 0, trained.text);
  CHECK(read(folder.path("m.tg")).find("person-") == std::string::npos);
  const Outcome plain = run(train + shell_quoted(folder.path("plain.tg")));
  CHECK(read(folder.path("plain.tg")).find("person-") != std::string::npos);
  // The figures are those without pseudonyms; only the fingerprint of the data differs.
  CHECK(trained.text.substr(0, 60) == plain.text.substr(0, 60));
  CHECK(run("evaluate" + model + source + with_key).code == 0);
  CHECK(run("evaluate --by user.kind --users " + shell_quoted(folder.path("users.csv")) + model +
            source + with_key)
            .text.find("kind=f") != std::string::npos);
  const Outcome asked = run("recommend --json --user person-3" + model + with_key);
  CHECK(asked.text.find("\"known\":true") != std::string::npos);
  CHECK(run("explain --user person-3 --item item-1" + model + with_key).code == 0);
  REQUIRE(run("recommend --all-users --out " + shell_quoted(folder.path("r.csv")) + model).code ==
          0);
  CHECK(read(folder.path("r.csv")).find("person-") == std::string::npos);
  const std::string out = " --out " + shell_quoted(folder.path("n.tg"));
  const Outcome updated =
      run("update --quiet --data " + shell_quoted(folder.path("more.csv")) + " --users " +
          shell_quoted(folder.path("users.csv")) + model + with_key + out);
  CHECK_MESSAGE(updated.code == 0, updated.text);
  CHECK(read(folder.path("n.tg")).find("person-") == std::string::npos);
  CHECK(run("forget --user person-3" + model + with_key + out).code == 0);
  CHECK(run("forget --user person-3" + model + with_key + " --out " + shell_quoted(key)).code == 2);
  CHECK(run("update --data " + shell_quoted(folder.path("more.csv")) + " --users " +
            shell_quoted(folder.path("users.csv")) + model + with_key + " --out " +
            shell_quoted(folder.path("users.csv")))
            .code == 2);
  CHECK(read(key) == "a key of some length");
  CHECK(read(folder.path("users.csv")) == users);
  struct Case {
    std::string arguments;
    std::string says;
  };
  for (const Case& one :
       {Case{"recommend --user person-3" + model, "was trained with --pseudon"},
        Case{"forget --user person-3" + model + out, "was trained with --pseudon"},
        Case{"evaluate" + model + source, "was trained with --pseudon"},
        Case{"recommend --user person-3" + model + " --pseudonymise " + shell_quoted(other),
             "trained with another key"},
        Case{"recommend --user person-3 --model-file " + shell_quoted(folder.path("plain.tg")) +
                 with_key,
             "--pseudonymise has no effect with a model"}}) {
    const Outcome refused = run(one.arguments);
    CHECK_MESSAGE(refused.code == 2, refused.text);
    CHECK_MESSAGE(refused.text.find(one.says) != std::string::npos, refused.text);
  }
}
