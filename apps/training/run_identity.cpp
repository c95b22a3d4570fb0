#include <tapegrad/apps/training/run_identity.h>

#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tapegrad::apps {
namespace {

// The values by their names, the names in their order. What the loop writes behind the last value
// has a comma before it.
struct Parts {
  std::vector<std::string> names;
  std::map<std::string, std::string> values;

  void add(const std::string& name, const std::string& value) {
    if (values.emplace(name, value).second) names.push_back(name);
  }
};

Parts parts_of(const std::string& identity) {
  Parts parts;
  const std::size_t part = std::min(identity.find(", "), identity.size());
  for (std::size_t begin = 0; begin < part;) {
    const std::size_t end = std::min(identity.find("; ", begin), part);
    const std::string one = identity.substr(begin, end - begin);
    const std::size_t blank = std::min(one.find(' '), one.size());
    parts.add(one.substr(0, blank), one.substr(std::min(blank + 1, one.size())));
    begin = end + 2;
  }
  if (part < identity.size()) parts.add("part", identity.substr(part + 2));
  return parts;
}

}  // namespace

std::string difference_of_runs(const std::string& here, const std::string& there) {
  const Parts own = parts_of(here), others = parts_of(there);
  std::vector<std::string> names = own.names, differences;
  for (const std::string& name : others.names) {
    if (!own.values.contains(name)) names.push_back(name);
  }
  const auto value = [](const Parts& parts, const std::string& name) {
    const auto found = parts.values.find(name);
    return found == parts.values.end() ? std::string("nothing") : found->second;
  };
  for (const std::string& name : names) {
    if (value(own, name) != value(others, name))
      differences.push_back(
          fmt::format("{} {} here and {} there", name, value(own, name), value(others, name)));
  }
  return fmt::format("{}", fmt::join(differences, ", "));
}

}  // namespace tapegrad::apps
