// The list of operations against the files that define them, and the folders against the arrows
// between them.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <tapegrad/graph/error.h>
#include <tapegrad/graph/tape.h>
#include <tapegrad/ops/catalogue.h>

namespace {

namespace tg = tapegrad;
namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("the catalogue lists every operation that a file of the folder defines, once") {
  const std::regex definition("const Operation (\\w+_operation)\\{");
  const std::regex listed("&(\\w+_operation)");
  std::multiset<std::string> defined, in_list;
  for (const auto& entry : fs::directory_iterator(fs::path(TAPEGRAD_SOURCE_DIR) / "ops")) {
    if (entry.path().extension() != ".cpp") continue;
    const std::string text = read(entry.path());
    const bool is_list = entry.path().filename() == "catalogue.cpp";
    const std::regex& pattern = is_list ? listed : definition;
    for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
      (is_list ? in_list : defined).insert((*at)[1]);
  }
  CHECK(defined == in_list);
  CHECK(tg::catalogue().size() == defined.size());
  CHECK(defined.size() > 60);
}

TEST_CASE("every operation states how many inputs it takes, and refuses another number") {
  tg::Tape tape;
  const tg::Tensor x = tape.full({2, 2}, 1.0);
  for (const tg::Operation* operation : tg::catalogue()) {
    CAPTURE(std::string(operation->name));
    const tg::Arity& arity = operation->inputs;
    REQUIRE(arity.least <= arity.most);
    const auto refused = [&](std::size_t count) {
      const std::vector<tg::Tensor> inputs(count, x);
      try {
        tape.record(*operation, inputs, {}, tg::SourceLine::here());
      } catch (const tg::ValueError& error) {
        return std::string(error.what()).find(std::string(operation->name) + ": takes ") == 0;
      }
      return false;
    };
    if (arity.least > 0) CHECK(refused(arity.least - 1));
    if (arity.most != tg::Arity::one_or_more.most) CHECK(refused(arity.most + 1));
  }
}

TEST_CASE("folders include only what the arrows between them allow") {
  const std::map<std::string, std::set<std::string>> allowed{{"graph", {"graph"}},
                                                             {"ops", {"graph", "ops"}},
                                                             {"optim", {"graph", "optim"}},
                                                             {"nn", {"graph", "ops", "nn"}}};
  const std::regex include("#include <tapegrad/(\\w+)/");
  for (const auto& [folder, targets] : allowed) {
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(TAPEGRAD_SOURCE_DIR) / folder)) {
      if (entry.path().extension() != ".cpp" && entry.path().extension() != ".h") continue;
      const std::string text = read(entry.path());
      for (std::sregex_iterator at(text.begin(), text.end(), include), end; at != end; ++at) {
        CAPTURE(entry.path().string());
        CHECK(targets.contains((*at)[1]));
      }
    }
  }
}
