#include <tapegrad/apps/command_line/feature_tables.h>

#include <iostream>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/reading.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

namespace {

std::string describe_features(const FeatureTable& table, Entity entity) {
  std::vector<std::string> names;
  for (const FeatureEncoder& encoder : table.encoders) names.push_back(encoder.name());
  return fmt::format("{} {} with the features {}", table.ids.size(),
                     entity == Entity::user ? "users" : "items", fmt::join(names, ", "));
}

void tell_notes(const FeatureTable& table, const std::string& shown) {
  for (const std::string& note : table.notes) std::cerr << fmt::format("{}: {}\n", shown, note);
}

}  // namespace

bool has_source(const po::variables_map& given, Entity entity) {
  const EventColumns columns = event_columns(given);
  return entity == Entity::item ? given.contains("items") || !columns.items.empty()
                                : given.contains("users") || !columns.users.empty();
}

FeatureTable read_feature_file(const po::variables_map& given, Entity entity,
                               const std::vector<FeatureChoice>& choices,
                               const std::vector<FeatureEncoder>* known) {
  const auto path = given[entity == Entity::user ? "users" : "items"].as<std::string>();
  ReadReport report;
  FeatureTable table =
      read_feature_table(path, entity, choices, item_table_options(given), &report, known);
  std::cerr << describe_read(path, report, describe_features(table, entity),
                             given.contains("quiet"));
  tell_notes(table, path);
  return table;
}

FeatureTable gathered_features(const po::variables_map& given, const EventColumns& columns,
                               Entity entity, const std::vector<FeatureChoice>& choices,
                               const std::vector<FeatureEncoder>* known) {
  const bool is_user = entity == Entity::user;
  const std::string shown = is_user ? "columns user. of the events" : "columns item. of the events";
  FeatureTable table =
      feature_table_of((is_user ? columns.users : columns.items).rows(), choices, shown, known);
  if (!given.contains("quiet"))
    std::cerr << fmt::format("{}: {}\n", shown, describe_features(table, entity));
  tell_notes(table, shown);
  return table;
}

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
  if (!chosen.items.empty() && !has_source(given, Entity::item))
    throw OptionError(
        fmt::format("--{} of items needs --items, a table that has the column, or a column of the "
                    "events that --columns gives to items, such as item.brand=Brand",
                    option));
  if (!chosen.users.empty() && !has_source(given, Entity::user))
    throw OptionError(
        fmt::format("--{} with user. needs --users, a table that has the column, or a column of "
                    "the events that --columns gives to users, such as user.country=Country",
                    option));
  return chosen;
}

ChosenFeatures asked_features(const po::variables_map& given) {
  if (!given.contains("features") || given["features"].as<std::string>() == "all") return {};
  return chosen_features(given, given["features"].as<std::string>(), "features");
}

}  // namespace tapegrad::apps
