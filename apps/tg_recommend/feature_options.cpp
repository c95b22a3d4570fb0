#include "feature_options.h"

#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/reading.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

constexpr std::string_view of_users = "user.";

FeatureTable read_one(const po::variables_map& given, const std::string& path, Entity entity,
                      const std::vector<FeatureChoice>& choices) {
  ReadReport report;
  FeatureTable table =
      read_feature_table(path, entity, choices, item_table_options(given), &report);
  std::vector<std::string> names;
  for (const FeatureEncoder& encoder : table.encoders) names.push_back(encoder.name());
  const bool quiet = given.contains("quiet");
  std::cerr << describe_read(
      path, report,
      fmt::format("{} {} with the features {}", table.ids.size(),
                  entity == Entity::user ? "users" : "items", fmt::join(names, ", ")),
      quiet);
  for (const std::string& note : table.notes) std::cerr << fmt::format("{}: {}\n", path, note);
  return table;
}

}  // namespace

void add_feature_options(po::options_description& description) {
  description.add_options()(
      "users", po::value<std::string>(),
      "a table of users with features; its column of ids has the role user.id")(
      "features", po::value<std::string>(),
      "which columns are features, as name=column pairs with commas between, such as "
      "year=3,genres=6-24,title=2:text,user.age=age: a column is a name or a number, a range of "
      "numbers is of columns of 0 and 1, user. stands before those of --users, and :number, "
      ":category, :categories or :text says what a column is; all for all columns but the ids; "
      "default: all for two-tower, content and category-popularity, none for other models");
}

FeatureTables read_features(const po::variables_map& given, const ModelRow& row) {
  if (row.features == FeatureUse::none) {
    refuse_given(given, {"users", "features"}, fmt::format("with model {}", row.name));
    return {};
  }
  if (row.features == FeatureUse::if_asked && !given.contains("features")) {
    refuse_given(given, {"users"}, fmt::format("with model {} without --features", row.name));
    return {};
  }
  std::vector<FeatureChoice> of_items, of_users_table;
  if (given.contains("features") && given["features"].as<std::string>() != "all") {
    for (FeatureChoice& choice : parse_features(given["features"].as<std::string>())) {
      if (!choice.name.starts_with(of_users)) {
        of_items.push_back(std::move(choice));
        continue;
      }
      choice.name.erase(0, of_users.size());
      of_users_table.push_back(std::move(choice));
    }
    if (!of_items.empty() && !given.contains("items"))
      throw OptionError("--features of items need --items, a table that has them");
    if (!of_users_table.empty() && !given.contains("users"))
      throw OptionError("--features that begin with user. need --users, a table that has them");
  }
  if (given.contains("features") && !given.contains("items") && !given.contains("users"))
    throw OptionError("--features need --items or --users, a table that has them");
  FeatureTables tables;
  // With features of users alone the table of items gives titles.
  const bool wants_items = of_users_table.empty() || !of_items.empty();
  if (given.contains("items") && wants_items)
    tables.items = read_one(given, given["items"].as<std::string>(), Entity::item, of_items);
  if (given.contains("users"))
    tables.users = read_one(given, given["users"].as<std::string>(), Entity::user, of_users_table);
  return tables;
}

}  // namespace tapegrad::apps
