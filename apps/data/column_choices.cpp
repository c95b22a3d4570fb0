#include <tapegrad/apps/data/column_choices.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/pair_list.h>

namespace tapegrad::apps {
namespace {

bool is_feature(std::string_view role) {
  for (const std::string_view owner : {"item.", "user."}) {
    if (role.starts_with(owner) && role.size() > owner.size()) return true;
  }
  return false;
}

void check_role(std::string_view role) {
  if (is_feature(role) || std::ranges::find(event_roles, role) != event_roles.end()) return;
  throw OptionError(
      fmt::format("--columns: there is no role {}; there are {}, and item.FEATURE and user.FEATURE",
                  in_quotes(role), fmt::join(event_roles, ", ")));
}

}  // namespace

ColumnChoices::ColumnChoices(std::string_view text) {
  for (const auto& [role, column] :
       parse_pairs(text, "--columns", "user=CustomerID,item=StockCode")) {
    check_role(role);
    if (!columns_.emplace(role, column).second)
      throw OptionError(fmt::format("--columns: the role {} is given twice", role));
  }
}

std::string_view ColumnChoices::of(std::string_view role) const {
  const auto found = columns_.find(role);
  return found == columns_.end() ? std::string_view() : found->second;
}

std::vector<std::string> ColumnChoices::features_of(std::string_view owner) const {
  std::vector<std::string> names;
  for (const auto& [role, column] : columns_) {
    if (!role.starts_with(owner) || column == no_column) continue;
    std::string name = role.substr(owner.size());
    if (name != "id") names.push_back(std::move(name));
  }
  return names;
}

void ColumnChoices::require_used(std::span<const std::string_view> used) const {
  for (const auto& [role, column] : columns_) {
    if (std::ranges::find(used, role) == used.end())
      throw OptionError(fmt::format("--columns {}={} has no effect: the roles that are used are {}",
                                    role, column, fmt::join(used, ", ")));
  }
}

void ColumnChoices::refuse(std::string_view role, std::string_view where) const {
  if (!of(role).empty())
    throw OptionError(fmt::format("--columns {}={} has no effect {}", role, of(role), where));
}

}  // namespace tapegrad::apps
