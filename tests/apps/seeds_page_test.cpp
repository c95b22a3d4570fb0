// docs/seeds.md: every file, symbol, test and command that it names is there.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "program_tools.h"
#include "test_files.h"

namespace {

namespace fs = std::filesystem;
using namespace program_tools;

const fs::path root = TAPEGRAD_SOURCE_DIR;

// A row of one of the page's tables.
struct Row {
  int line = 0;
  std::string here;    // the cell with files and symbols
  std::string try_it;  // the cell with commands, if the table has one
};

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::size_t first = 1;
  for (std::size_t at = line.find('|', 1); at != std::string::npos; at = line.find('|', first)) {
    cells.push_back(line.substr(first, at - first));
    first = at + 1;
  }
  return cells;
}

// The rows of the tables whose heads name the cells.
std::vector<Row> rows() {
  std::ifstream page(root / "docs" / "seeds.md");
  std::vector<Row> all;
  std::size_t here = 0, try_it = 0;  // the cells' numbers
  bool in_table = false;
  std::string line;
  for (int number = 1; std::getline(page, line); ++number) {
    if (!line.starts_with("|")) {
      in_table = false;
      continue;
    }
    const std::vector<std::string> cells = cells_of(line);
    const auto named = [&](const std::string& name) {
      return static_cast<std::size_t>(
          std::ranges::find_if(cells, [&](const std::string& c) { return c.find(name) == 1; }) -
          cells.begin());
    };
    if (!in_table) {
      in_table = true;
      here = std::min(named("Here"), named("What is right"));
      try_it = named("Try it");
    } else if (!line.starts_with("|---") && here < cells.size()) {
      all.push_back({number, cells[here], try_it < cells.size() ? cells[try_it] : ""});
    }
  }
  return all;
}

// What stands between backticks.
std::vector<std::string> quoted(const std::string& cell) {
  std::vector<std::string> all;
  for (std::size_t at = cell.find('`'); at != std::string::npos;) {
    const std::size_t end = cell.find('`', at + 1);
    if (end == std::string::npos) break;
    all.push_back(cell.substr(at + 1, end - at - 1));
    at = cell.find('`', end + 1);
  }
  return all;
}

bool is_path(const std::string& text) {
  static const std::regex pattern("[a-z_0-9-]+(/[a-z_0-9.-]+)+");
  return std::regex_match(text, pattern);
}

// The names of the test cases of a program, whose sources lie in tests/PROGRAM.
std::vector<std::string> test_names(const std::string& program) {
  static const std::regex pattern("TEST_CASE\\(((?:\\s*\"(?:[^\"\\\\]|\\\\.)*\")+)");
  static const std::regex part("\"((?:[^\"\\\\]|\\\\.)*)\"");
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(root / "tests" / program)) {
    if (entry.path().extension() != ".cpp") continue;
    const std::string text = read(entry.path());
    for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) {
      const std::string literals = (*at)[1];
      std::string name;
      for (std::sregex_iterator one(literals.begin(), literals.end(), part), last; one != last;
           ++one)
        name += (*one)[1];
      names.push_back(name);
    }
  }
  return names;
}

// As doctest's filters: a star stands for anything.
bool fits(const std::string& name, const std::string& filter) {
  std::string pattern;
  for (const char c : filter) {
    if (c == '*')
      pattern += ".*";
    else
      pattern += std::string("\\^$.|?+()[]{}").find(c) == std::string::npos ? std::string(1, c)
                                                                            : std::string{'\\', c};
  }
  return std::regex_match(name, std::regex(pattern, std::regex::icase));
}

}  // namespace

TEST_CASE("every file and symbol that the page of the tutorials names is there") {
  int files = 0, symbols = 0;
  for (const Row& row : rows()) {
    CAPTURE(row.line);
    std::string text;
    for (const std::string& name : quoted(row.here)) {
      CAPTURE(name);
      if (is_path(name)) {
        CHECK(fs::is_regular_file(root / name));
        text = read(root / name);
        ++files;
      } else if (!name.starts_with("--")) {
        CHECK(text.find(name) != std::string::npos);
        ++symbols;
      }
    }
  }
  CHECK(files > 200);
  CHECK(symbols > 150);
  MESSAGE(files << " files, " << symbols << " symbols");
}

TEST_CASE("every command, example and test that the page of the tutorials names is there") {
  const tapegrad::apps::TestFiles folder;
  const std::map<std::string, std::string> programs = {{"tg-recommend", TAPEGRAD_RECOMMEND},
                                                       {"tg-sequence", TAPEGRAD_SEQUENCE},
                                                       {"tg-classify", TAPEGRAD_CLASSIFY}};
  std::map<std::string, std::vector<std::string>> tests;
  std::map<std::string, bool> done;
  int commands = 0;
  for (const Row& row : rows()) {
    CAPTURE(row.line);
    for (const std::string& text : quoted(row.try_it)) {
      if (done[text]) continue;
      done[text] = true;
      CAPTURE(text);
      const std::string first = text.substr(0, text.find(' '));
      const std::string rest = text.substr(std::min(text.size(), first.size() + 1));
      if (const auto program = programs.find(first); program != programs.end()) {
        // Of files that are not there: whatever comes before they are opened is right.
        const Outcome outcome = run_program(
            program->second, rest, "cd " + shell_quoted(folder.directory()) + " && timeout 60");
        CAPTURE(outcome.text);
        CHECK(outcome.code == 1);
        const std::string last = last_line(outcome.text);
        CHECK((last.find("No such file or directory") != std::string::npos ||
               last.find("cannot be read") != std::string::npos));
        ++commands;
      } else if (first.ends_with("_test")) {
        const std::string name = first.substr(0, first.size() - 5);
        if (!tests.contains(name)) tests[name] = test_names(name);
        static const std::regex filter("-tc=\"(.*)\"");
        std::smatch found;
        REQUIRE(std::regex_match(rest, found, filter));
        const std::string wanted = found[1];
        CHECK(std::ranges::any_of(tests[name],
                                  [&](const std::string& one) { return fits(one, wanted); }));
      } else {
        CHECK(fs::is_regular_file(root / "examples" / (first + ".cpp")));
      }
    }
  }
  CHECK(commands > 100);
  MESSAGE(commands << " commands");
}
