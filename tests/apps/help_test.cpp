// What --help says of the options of each command.
#include <doctest/doctest.h>

#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <tapegrad/apps/data/ascii.h>

#include "program_tools.h"

using namespace program_tools;

namespace {

struct Entry {
  std::string name, text;
  bool has_value = false;
};

// The options of a help text: each begins a line with two blanks and a dash.
std::vector<Entry> entries_of(const std::string& help) {
  std::vector<Entry> entries;
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  --")) {
      std::istringstream words(line);
      Entry entry;
      words >> entry.name;
      std::string value;
      words >> value;
      entry.has_value = !value.empty() && tapegrad::apps::is_capital(value[0]);
      entries.push_back(entry);
    }
    if (!entries.empty() && line.starts_with("  ")) entries.back().text += " " + line;
  }
  return entries;
}

}  // namespace

TEST_CASE(
    "the help of every option stands alone: its value, and its default or that it is needed") {
  struct Program {
    std::string path;
    std::vector<std::string> commands;
  };
  const std::vector<Program> programs = {
      {TAPEGRAD_RECOMMEND,
       {"inspect", "train", "evaluate", "recommend", "similar", "explain", "tune", "update",
        "forget", "business"}},
      {TAPEGRAD_SEQUENCE, {"train", "evaluate", "predict", "analyze"}},
      {TAPEGRAD_CLASSIFY, {"train", "tune", "evaluate", "predict", "explain"}},
      {TAPEGRAD_MAKE_SHOP, {""}}};
  // Whom a command is about: one of these is needed.
  const std::set<std::string> alternatives = {"--user", "--history", "--histories",
                                              "--user-features", "--users"};
  for (const Program& program : programs) {
    for (const std::string& command : program.commands) {
      CAPTURE(command);
      const Outcome outcome = run_program(program.path, command + " --help");
      REQUIRE(outcome.code == 0);
      const auto entries = entries_of(outcome.text);
      CHECK(entries.size() >= 5);
      for (const Entry& entry : entries) {
        CAPTURE(entry.name);
        CHECK(entry.text.find(" arg ") == std::string::npos);
        const bool has_default = entry.text.find("default") != std::string::npos ||
                                 entry.text.find("(=") != std::string::npos ||
                                 entry.text.find("required") != std::string::npos;
        CHECK((!entry.has_value || has_default || alternatives.contains(entry.name)));
      }
      std::istringstream lines(outcome.text);
      for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 100);
    }
  }
}
