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
#include <tapegrad/apps/data/id_list.h>

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

constexpr std::string_view of_users = "user.";

FeatureTable read_one(const po::variables_map& given, const std::string& path, Entity entity,
                      const std::vector<FeatureChoice>& choices,
                      const std::vector<FeatureEncoder>* known = nullptr) {
  ReadReport report;
  FeatureTable table =
      read_feature_table(path, entity, choices, item_table_options(given), &report, known);
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

// The choices of `text` by whose table they are of.
struct ChosenFeatures {
  std::vector<FeatureChoice> items, users;
};

ChosenFeatures chosen_features(const po::variables_map& given, const std::string& text,
                               const char* option) {
  ChosenFeatures chosen;
  for (FeatureChoice& choice : parse_features(text)) {
    if (!choice.name.starts_with(of_users)) {
      chosen.items.push_back(std::move(choice));
      continue;
    }
    choice.name.erase(0, of_users.size());
    chosen.users.push_back(std::move(choice));
  }
  if (!chosen.items.empty() && !given.contains("items"))
    throw OptionError(
        fmt::format("--{} of items needs --items, a table that has the column", option));
  if (!chosen.users.empty() && !given.contains("users"))
    throw OptionError(
        fmt::format("--{} with user. needs --users, a table that has the column", option));
  return chosen;
}

// A name alone stands for the column of that name.
std::string with_columns(const std::string& text) {
  std::string result;
  for (const std::string& part : parse_ids(text)) {
    if (!result.empty()) result += ',';
    result += part;
    if (part.find('=') == std::string::npos)
      result += "=" + (part.starts_with(of_users) ? part.substr(of_users.size()) : part);
  }
  return result;
}

void add_groupings(std::vector<Grouping>& groupings, const FeatureTable& table, const IdMap& ids,
                   bool is_of_items) {
  std::int32_t first = 0;
  for (const FeatureEncoder& encoder : table.encoders) {
    Grouping grouping{
        .name = encoder.name(), .is_of_items = is_of_items, .groups = {}, .members = {}};
    for (Index place = 0; place < encoder.width(); ++place)
      grouping.groups.push_back(encoder.place_name(place));
    // The first place of a number is the number itself, and no group.
    const std::int32_t first_group = encoder.kind() == FeatureKind::number ? 1 : 0;
    const std::int32_t end = first + static_cast<std::int32_t>(encoder.width());
    for (Index entity = 0; entity < ids.size(); ++entity) {
      auto& own = grouping.members.emplace_back();
      const Index row = table.ids.find(ids.name(entity));
      if (row < 0) continue;
      for (const FeatureEntry& entry : table.rows[static_cast<std::size_t>(row)]) {
        if (entry.place >= first + first_group && entry.place < end && entry.value > 0.0F)
          own.push_back(entry.place - first);
      }
    }
    groupings.push_back(std::move(grouping));
    first = end;
  }
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
  ChosenFeatures chosen;
  if (given.contains("features") && given["features"].as<std::string>() != "all")
    chosen = chosen_features(given, given["features"].as<std::string>(), "features");
  if (given.contains("features") && !given.contains("items") && !given.contains("users"))
    throw OptionError("--features need --items or --users, a table that has them");
  FeatureTables tables;
  // With features of users alone the table of items gives titles.
  const bool wants_items = chosen.users.empty() || !chosen.items.empty();
  if (given.contains("items") && wants_items)
    tables.items = read_one(given, given["items"].as<std::string>(), Entity::item, chosen.items);
  if (given.contains("users"))
    tables.users = read_one(given, given["users"].as<std::string>(), Entity::user, chosen.users);
  return tables;
}

FeatureTables read_known_features(const po::variables_map& given, const StoredModel& model) {
  if (!model.user_features)
    refuse_given(given, {"users"}, "with a model that has no features of users");
  if (!model.item_features)
    refuse_given(given, {"items"}, "with a model that has no features of items");
  if (!given.contains("users") && !given.contains("items"))
    refuse_given(given, {"features"}, "without --items or --users");
  ChosenFeatures chosen;
  if (given.contains("features") && given["features"].as<std::string>() != "all")
    chosen = chosen_features(given, given["features"].as<std::string>(), "features");
  FeatureTables tables;
  if (given.contains("items"))
    tables.items = read_one(given, given["items"].as<std::string>(), Entity::item, chosen.items,
                            &model.item_features->encoders());
  if (given.contains("users"))
    tables.users = read_one(given, given["users"].as<std::string>(), Entity::user, chosen.users,
                            &model.user_features->encoders());
  return tables;
}

void add_group_options(po::options_description& description) {
  description.add_options()(
      "by", po::value<std::string>(),
      "columns of the tables of items and users, with commas between, such as "
      "genres,user.gender: what --details prints, and all measures for each value of a column, "
      "with "
      "the largest gap between two; numbers are cut into tenths; a column is named as in "
      "--features of train, such as "
      "genres=6-24")("items", po::value<std::string>(), "the table of items that --by looks at")(
      "users", po::value<std::string>(), "the table of users that --by looks at");
}

std::vector<Grouping> read_groupings(const po::variables_map& given, const IdMap& users,
                                     const IdMap& items,
                                     const std::optional<Pseudonyms>& pseudonyms) {
  std::vector<Grouping> groupings;
  if (!given.contains("by")) {
    refuse_given(given, {"items", "users"}, "without --by");
    return groupings;
  }
  const ChosenFeatures chosen =
      chosen_features(given, with_columns(given["by"].as<std::string>()), "by");
  if (chosen.items.empty()) refuse_given(given, {"items"}, "without a column of items in --by");
  if (chosen.users.empty()) refuse_given(given, {"users"}, "without a column of users in --by");
  if (!chosen.items.empty())
    add_groupings(groupings,
                  read_one(given, given["items"].as<std::string>(), Entity::item, chosen.items),
                  items, true);
  if (chosen.users.empty()) return groupings;
  FeatureTable table =
      read_one(given, given["users"].as<std::string>(), Entity::user, chosen.users);
  if (pseudonyms) table.ids = pseudonyms->of(table.ids);
  add_groupings(groupings, table, users, false);
  return groupings;
}

}  // namespace tapegrad::apps
