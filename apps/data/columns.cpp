#include <fmt/core.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/data/ascii.h>
#include <tapegrad/apps/data/column_choices.h>
#include <tapegrad/apps/data/columns.h>
#include <tapegrad/apps/data/errors.h>
#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

namespace tapegrad::apps {
namespace {

std::string normalized(std::string_view name) {
  std::string result;
  for (const char character : name) {
    if (std::string_view("_-. ").find(character) != std::string_view::npos) continue;
    result += lower_case(character);
  }
  return result;
}

std::optional<Index> column_number(std::string_view choice) {
  Index number = 0;
  const auto [end, error] = std::from_chars(choice.data(), choice.data() + choice.size(), number);
  if (error != std::errc{} || end != choice.data() + choice.size()) return std::nullopt;
  return number;
}

// How an error says that the option would help, where there is one.
std::string hint(const ColumnRule& rule, std::string_view how) {
  return rule.names_option ? fmt::format("; --columns {}={}", rule.role, how) : "";
}

// The column with a name that matches, -1 without one. Throws DataError where several columns have
// it.
template <typename Matches>
Index find_name(const ColumnRule& rule, std::span<const std::string> header,
                const std::string& path, const Matches& matches) {
  const auto found = std::find_if(header.begin(), header.end(), matches);
  if (found == header.end()) return -1;
  if (const auto second = std::find_if(found + 1, header.end(), matches); second != header.end()) {
    throw DataError(fmt::format("{}: expected one column {} for {}, got columns {} and {}{}", path,
                                in_quotes(*found), rule.role, found - header.begin() + 1,
                                second - header.begin() + 1, hint(rule, "NUMBER chooses one")));
  }
  return found - header.begin();
}

std::string listed(std::span<const std::string> header, Index column_count) {
  constexpr std::size_t most_names = 30;
  if (header.empty())
    return fmt::format("{} column{} without names", column_count, column_count == 1 ? "" : "s");
  std::vector<std::string> names;
  for (const std::string& name : header.first(std::min(most_names, header.size())))
    names.push_back(in_quotes(name));
  if (header.size() > most_names) names.emplace_back("...");
  return fmt::format("{}", fmt::join(names, ", "));
}

Index chosen_column(const ColumnRule& rule, std::span<const std::string> header, Index column_count,
                    const std::string& path) {
  const Index exact =
      find_name(rule, header, path, [&](const std::string& name) { return name == rule.choice; });
  if (exact >= 0) return exact;
  const std::string wanted = normalized(rule.choice);
  const std::optional<Index> number = column_number(rule.choice);
  const Index similar = number ? -1 : find_name(rule, header, path, [&](const std::string& name) {
    return normalized(name) == wanted;
  });
  if (similar >= 0) return similar;
  if (number && *number >= 1 && *number <= column_count) return *number - 1;
  throw DataError(fmt::format("{}: expected a column {} for {}, got {}", path,
                              in_quotes(rule.choice), rule.role, listed(header, column_count)));
}

Index default_column(const ColumnRule& rule, std::span<const std::string> header,
                     Index column_count, std::span<const Index> taken, const std::string& path) {
  const auto is_free = [&](Index column) {
    return std::find(taken.begin(), taken.end(), column) == taken.end();
  };
  if (header.empty()) {
    return rule.position > 0 && rule.position <= column_count && is_free(rule.position - 1)
               ? rule.position - 1
               : -1;
  }
  for (const std::string_view known : rule.known_names) {
    const Index column = find_name(rule, header, path, [&](const std::string& name) {
      return normalized(name) == known && is_free(&name - header.data());
    });
    if (column >= 0) return column;
  }
  return -1;
}

}  // namespace

bool is_known_name(const ColumnRule& rule, std::string_view name) {
  return std::find(rule.known_names.begin(), rule.known_names.end(), normalized(name)) !=
         rule.known_names.end();
}

bool needs_header(const ColumnRule& rule) {
  return !rule.choice.empty() && rule.choice != no_column && !column_number(rule.choice);
}

std::vector<Index> resolve_columns(std::span<const ColumnRule> rules,
                                   std::span<const std::string> header, Index column_count,
                                   const std::string& path) {
  std::vector<Index> columns(rules.size(), -1);
  std::vector<Index> taken(rules.size(), -1);  // without those that another rule may have too
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].choice.empty() || rules[i].choice == no_column) continue;
    const Index column = chosen_column(rules[i], header, column_count, path);
    columns[i] = column;
    if (rules[i].may_share) continue;
    const auto other = std::find(taken.begin(), taken.end(), column);
    if (other != taken.end()) {
      throw DataError(fmt::format(
          "{}: expected different columns for {} and {}, got column {} for both", path,
          rules[static_cast<std::size_t>(other - taken.begin())].role, rules[i].role, column + 1));
    }
    taken[i] = column;
  }
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].choice.empty())
      columns[i] = taken[i] = default_column(rules[i], header, column_count, taken, path);
    if (rules[i].required && columns[i] < 0) {
      throw DataError(fmt::format("{}: expected a column for {}, got {}{}", path, rules[i].role,
                                  listed(header, column_count),
                                  hint(rules[i], "NAME or its number chooses one")));
    }
  }
  return columns;
}

}  // namespace tapegrad::apps
