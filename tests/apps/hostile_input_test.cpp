// The programs with what somebody may have put into their files, and with disks that are full.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/apps/training/learning_curves.h>

#include "../sanitizers.h"
#include "program_tools.h"
#include "test_files.h"

namespace {

using namespace tapegrad::apps;
using namespace program_tools;

bool is_shown_safely(const std::string& text) {
  return std::ranges::all_of(text,
                             [](char c) {
                               return c == '\n' ||
                                      (static_cast<unsigned char>(c) >= 0x20 && c != '\x7f');
                             }) &&
         text.find("\xc2\x9b") == std::string::npos &&
         text.find("\xe2\x80\xae") == std::string::npos;
}

const std::string escape = "\x1b[2J\x1b]0;title\a",
                  command =
                      "\xc2\x9b"
                      "31m",
                  backwards =
                      "\xe2\x80\xae"
                      "gpj";

std::string events() {
  std::string text = "user,item,rating,timestamp\n";
  for (int user = 0; user < 6; ++user) {
    for (int step = 0; step < 4; ++step)
      text += "u" + escape + std::to_string(user) + ",i" + command +
              std::to_string((user + step * step) % 7) + ",5," + std::to_string(user * 10 + step) +
              "\n";
  }
  return text;
}

}  // namespace

TEST_CASE(
    "control characters in ids and titles reach a terminal only written out, and JSON as what they "
    "are") {
  const TestFiles folder;
  const std::string data = shell_quoted(folder.write("events.csv", events()));
  std::string titles = "item,title\n";
  for (int item = 0; item < 7; ++item)
    titles += "i" + command + std::to_string(item) + ",Film " + backwards + escape + "\n";
  const std::string items = shell_quoted(folder.write("items.csv", titles));
  const std::string model = shell_quoted(folder.path("m.tg")),
                    sequence = shell_quoted(folder.path("s.tg"));
  struct Case {
    const char* program;
    std::string arguments, shows;
  };
  const Case cases[] = {
      {TAPEGRAD_RECOMMEND,
       "train --model popularity --data " + data + " --items " + items + " --out " + model,
       "HR@10"},
      {TAPEGRAD_RECOMMEND, "recommend --user nobody --model-file " + model, "i\\u009b31m"},
      {TAPEGRAD_RECOMMEND, "recommend --user nobody --model-file " + model,
       "Film \\u202egpj\\u001b[2J\\u001b]0;title\\u0007"},
      {TAPEGRAD_RECOMMEND, "recommend --json --user nobody --model-file " + model,
       "\\u001b[2J\\u001b]0;title\\u0007"},
      {TAPEGRAD_RECOMMEND, "recommend --user 'x" + escape + "' --model-file " + model,
       "x\\u001b[2J"},
      {TAPEGRAD_RECOMMEND, "recommend --user x --model-file 'no" + escape + "'", "no\\u001b[2J"},
      {TAPEGRAD_RECOMMEND, "train --model 'm" + escape + "' --data " + data, "m\\u001b[2J"},
      {TAPEGRAD_RECOMMEND, "cook" + escape.substr(0, 4) + "", "cook\\u001b[2J"},
      {TAPEGRAD_SEQUENCE,
       "train --task next-item --model popularity --data " + data + " --out " + sequence,
       "Recall@10"},
      {TAPEGRAD_SEQUENCE, "predict --model-file " + sequence + " --history 'i" + command + "0'",
       "i\\u009b31m"},
      {TAPEGRAD_SEQUENCE,
       "predict --model-file " + sequence + " --items " + items + " --history 'i" + command + "0'",
       "\\u202e"},
      {TAPEGRAD_SEQUENCE, "predict --model-file " + sequence + " --history 'x" + escape + "'",
       "x\\u001b[2J"}};
  for (const Case& one : cases) {
    CAPTURE(one.arguments);
    const Outcome outcome = run_program(one.program, one.arguments);
    CAPTURE(outcome.text);
    CHECK(is_shown_safely(outcome.text));
    CHECK(outcome.text.find(one.shows) != std::string::npos);
  }
  const Outcome json =
      run_program(TAPEGRAD_RECOMMEND, "recommend --json --user nobody --model-file " + model);
  CHECK(nlohmann::json::parse(last_line(json.text))["items"][0]["title"] ==
        "Film " + backwards + escape);
}

TEST_CASE("names of curves are text in a picture") {
  const std::string picture = curves_as_svg({{"<script>&" + escape, {{1, 2.0}, {2, 1.0}}}});
  CHECK(picture.find("&lt;script>&amp;\\u001b[2J") != std::string::npos);
  CHECK(is_shown_safely(picture));
}

TEST_CASE("a gzip file unpacks to no more than the limit, in one part or many") {
  const TestFiles folder;
  constexpr std::size_t most = std::size_t{1} << 20;
  const auto packed = [&](std::size_t size) {
    return read(folder.write_gzip("part", std::string(size, 'x')));
  };
  CHECK(read_text_file(folder.write("file", packed(most)), most).size() == most);
  const std::string says =
      folder.path("file") +
      ": expected a gzip file of at most 1 MiB unpacked, got more: --max-unpacked raises that";
  CHECK(message_of([&] { read_text_file(folder.write("file", packed(most + 1)), most); }) == says);
  CHECK(message_of([&] { read_text_file(folder.write("file", packed(most) + packed(1)), most); }) ==
        says);
  CHECK(message_of([&] {
          read_text_file(folder.write("file", packed(std::size_t{64} << 20)), most);
        }) == says);
  CHECK(read_text_file(folder.write("file", std::string(2 * most, 'x')), most).size() == 2 * most);
}

TEST_CASE("--max-unpacked raises the limit, in every command that reads text") {
  const TestFiles folder;
  std::string text = events();
  while (text.size() < (std::size_t{3} << 20)) text += text.substr(text.find('\n') + 1);
  const std::string data = shell_quoted(folder.write_gzip("events.csv.gz", text));
  const std::string model = shell_quoted(folder.path("s.tg"));
  const std::string history = shell_quoted(folder.write_gzip("histories.gz", text));
  const std::string train =
      "train --task next-item --model popularity --data " + data + " --out " + model;
  REQUIRE(run_program(TAPEGRAD_SEQUENCE, train).code == 0);
  std::string ratings;
  while (ratings.size() < (std::size_t{3} << 20)) ratings += "0\t10\n0\t11\n1\t10\n1\t12\n";
  folder.write_gzip("d.train.rating.gz", ratings);
  folder.write("d.test.rating", "0\t12\n1\t11\n");
  folder.write("d.test.negative", "(0,12)\t13\n(1,11)\t13\n");
  struct Case {
    const char* program;
    std::string arguments;
  };
  const Case cases[] = {
      {TAPEGRAD_RECOMMEND, "train --model popularity --data " + data},
      {TAPEGRAD_RECOMMEND,
       "train --protocol ncf --model popularity --data " + shell_quoted(folder.path("d"))},
      {TAPEGRAD_SEQUENCE, train},
      {TAPEGRAD_SEQUENCE, "evaluate --model-file " + model + " --data " + data},
      {TAPEGRAD_SEQUENCE, "predict --model-file " + model + " --items " + data + " --history 1"}};
  for (const Case& one : cases) {
    CAPTURE(one.arguments);
    const Outcome refused = run_program(one.program, one.arguments + " --max-unpacked 1");
    CHECK(refused.code == 1);
    CHECK_MESSAGE(refused.text.find("--max-unpacked raises that") != std::string::npos,
                  refused.text);
    const Outcome read = run_program(one.program, one.arguments + " --max-unpacked 8");
    CHECK_MESSAGE(read.text.find("max-unpacked") == std::string::npos, read.text);
    CHECK(run_program(one.program, one.arguments + " --max-unpacked 0")
              .text.find("--max-unpacked must be within [1, ") != std::string::npos);
  }
}

TEST_CASE(
    "on a full disk a training goes on without its curves and checkpoint, and only the model is an "
    "error") {
  if (has_thread_sanitizer) {
    MESSAGE(
        "skipped: a program with the thread sanitizer does not start where it may not write any "
        "file");
    return;
  }
  const TestFiles folder;
  const std::string data = shell_quoted(folder.write("events.csv", events()));
  const std::string train = "train --quiet --model gmf --factors 2 --epochs 2 --data " + data;
  const Outcome free = run_program(TAPEGRAD_RECOMMEND, train);
  CHECK(free.code == 0);
  const std::string full = "ulimit -f 0;";
  const std::string files = " --checkpoint " + shell_quoted(folder.path("run.ck")) +
                            " --checkpoint-minutes 0 --curves " +
                            shell_quoted(folder.path("curves"));
  const Outcome warned = run_program(TAPEGRAD_RECOMMEND, train + files, full);
  CHECK_MESSAGE(warned.code == 0, warned.text);
  CHECK(last_line(warned.text) == last_line(free.text));
  for (const char* file : {"run.ck", "curves.csv"})
    CHECK(warned.text.find("warning: " + folder.path(file) +
                           ": cannot be written: File too large; the training goes on\n") !=
          std::string::npos);
  const Outcome failed =
      run_program(TAPEGRAD_RECOMMEND, train + " --out " + shell_quoted(folder.path("m.tg")), full);
  CHECK(failed.code == 1);
  CHECK(failed.text ==
        "tg-recommend: " + folder.path("m.tg") + ": cannot be written: File too large\n");
  CHECK(std::distance(fs::directory_iterator(folder.directory()), fs::directory_iterator()) == 1);
}
