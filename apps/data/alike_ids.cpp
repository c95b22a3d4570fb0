#include <tapegrad/apps/data/alike_ids.h>

#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/data/ascii.h>
#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

std::string folded(std::string_view id) {
  std::string result;
  for (const char character : id) {
    if (character == ' ' || character == '\t') continue;
    result += lower_case(character);
  }
  return result;
}

}  // namespace

std::string describe_alike(const std::string& what, const IdMap& ids) {
  IdMap seen;
  std::string first;
  Index alike = 0;
  // The number of an id in `seen` is below its own once two were alike.
  std::vector<Index> originals;
  for (Index i = 0; i < ids.size(); ++i) {
    const Index number = seen.insert(folded(ids.name(i)));
    if (number == static_cast<Index>(originals.size())) {
      originals.push_back(i);
      continue;
    }
    if (alike++ == 0)
      first =
          fmt::format("{} and {}", in_quotes(ids.name(originals[static_cast<std::size_t>(number)])),
                      in_quotes(ids.name(i)));
  }
  if (alike == 0) return "";
  return fmt::format(
      "{} {} ids differ from another in blanks or case only, such as {}; they count "
      "as different",
      alike, what, first);
}

}  // namespace tapegrad::apps
