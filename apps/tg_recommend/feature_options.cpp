#include "feature_options.h"

#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/feature_tables.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/id_list.h>

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

// The ids of users in a model are pseudonyms where these are asked for.
void hide_users(FeatureTable& table, const std::optional<Pseudonyms>& pseudonyms) {
  if (!pseudonyms) return;
  if (!table.like_ids.empty())
    throw OptionError(fmt::format(
        "--pseudonymise: the feature {} holds the ids of users, which would stand in the model",
        in_quotes(table.like_ids.front())));
  table.ids = pseudonyms->of(table.ids);
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

// What a model that is trained looks at.
struct Wanted {
  bool items = false, users = false;
  ChosenFeatures chosen;
};

void refuse_users(const po::variables_map& given, const ChosenFeatures& chosen,
                  const ModelRow& row) {
  const std::string where = fmt::format("with model {}, which looks at items alone", row.name);
  refuse_given(given, {"users"}, where);
  const ColumnChoices choices = column_choices(given);
  for (const std::string& name : choices.features_of(of_users))
    choices.refuse("user." + name, where);
  if (!chosen.users.empty()) refuse_given(given, {"features"}, "of users " + where);
}

Wanted wanted_features(const po::variables_map& given, const ModelRow& row) {
  const bool is_asked = given.contains("features");
  if (row.features == FeatureUse::none || (row.features == FeatureUse::if_asked && !is_asked)) {
    const std::string where = row.features == FeatureUse::none
                                  ? fmt::format("with model {}", row.name)
                                  : fmt::format("with model {} without --features", row.name);
    refuse_given(given, {"users", "features"}, where);
    refuse_event_columns(given, true, where);
    return {};
  }
  Wanted wanted{.chosen = asked_features(given)};
  const bool has_items = has_source(given, Entity::item);
  if (!row.uses_user_features()) refuse_users(given, wanted.chosen, row);
  wanted.users = has_source(given, Entity::user);
  if (is_asked && !has_items && !wanted.users)
    throw OptionError(
        "--features need --items or --users, a table that has them, or columns of the events that "
        "--columns gives to items or users, such as item.brand=Brand");
  // With features of users alone the table of items gives titles.
  wanted.items = has_items && (wanted.chosen.users.empty() || !wanted.chosen.items.empty());
  return wanted;
}

}  // namespace

void add_feature_options(po::options_description& description) {
  description.add_options()(
      "users", po::value<std::string>()->value_name("FILE"),
      "a table of users with features, in which the column of ids has the role user.id; default: "
      "none")(
      "features", po::value<std::string>()->value_name("NAME=COLUMN,..."),
      "which columns are features, as name=column pairs with commas between, such as "
      "year=3,genres=6-24,title=2:text,user.age=age: a column is a name or a number, a range of "
      "numbers is of columns of 0 and 1, user. stands before those of --users, and :number, "
      ":category, :categories or :text says what a column is; all for all columns but the ids; "
      "default: all for two-tower, content and category-popularity, none for other models");
}

FeatureTables read_features(const po::variables_map& given, const ModelRow& row,
                            const std::optional<Pseudonyms>& pseudonyms) {
  const Wanted wanted = wanted_features(given, row);
  FeatureTables tables;
  if (wanted.items && given.contains("items"))
    tables.items = read_feature_file(given, Entity::item, wanted.chosen.items);
  if (wanted.users && given.contains("users")) {
    tables.users = read_feature_file(given, Entity::user, wanted.chosen.users);
    hide_users(*tables.users, pseudonyms);
  }
  return tables;
}

void add_event_features(FeatureTables& tables, const po::variables_map& given, const ModelRow& row,
                        const EventColumns& columns, const std::optional<Pseudonyms>& pseudonyms) {
  const Wanted wanted = wanted_features(given, row);
  if (wanted.items && !tables.items)
    tables.items = gathered_features(given, columns, Entity::item, wanted.chosen.items);
  if (!wanted.users || tables.users) return;
  tables.users = gathered_features(given, columns, Entity::user, wanted.chosen.users);
  hide_users(*tables.users, pseudonyms);
}

FeatureTables read_known_features(const po::variables_map& given, const StoredModel& model,
                                  const std::optional<Pseudonyms>& pseudonyms) {
  const ColumnChoices choices = column_choices(given);
  const EventColumns columns = event_columns(given);
  if (!model.user_features) {
    refuse_given(given, {"users"}, "with a model that has no features of users");
    for (const std::string& name : columns.users.names())
      choices.refuse("user." + name, "with a model that has no features of users");
  }
  if (!model.item_features) {
    const std::string where = model.titles.empty()
                                  ? "with a model that has neither features nor titles of items"
                                  : "with a model that has no features of items";
    if (model.titles.empty()) refuse_given(given, {"items"}, where);
    for (const std::string& name : columns.items.names()) {
      if (name != "title" || model.titles.empty()) choices.refuse("item." + name, where);
    }
  }
  if (!has_source(given, Entity::item) && !has_source(given, Entity::user))
    refuse_given(given, {"features"}, "without --items or --users");
  const ChosenFeatures chosen = asked_features(given);
  FeatureTables tables;
  if (given.contains("items") && model.item_features)
    tables.items =
        read_feature_file(given, Entity::item, chosen.items, &model.item_features->encoders());
  if (given.contains("users")) tables.users = read_known_users(given, model, pseudonyms);
  return tables;
}

FeatureTable read_known_users(const po::variables_map& given, const StoredModel& model,
                              const std::optional<Pseudonyms>& pseudonyms) {
  FeatureTable users = read_feature_file(given, Entity::user, asked_features(given).users,
                                         &model.user_features->encoders());
  hide_users(users, pseudonyms);
  return users;
}

void add_known_event_features(FeatureTables& tables, const po::variables_map& given,
                              const StoredModel& model, const EventColumns& columns,
                              const std::optional<Pseudonyms>& pseudonyms) {
  const ChosenFeatures chosen = asked_features(given);
  // Of a model without features only a column of titles may be there.
  if (!columns.items.empty() && model.item_features)
    tables.items = gathered_features(given, columns, Entity::item, chosen.items,
                                     &model.item_features->encoders());
  if (columns.users.empty()) return;
  tables.users = gathered_features(given, columns, Entity::user, chosen.users,
                                   &model.user_features->encoders());
  hide_users(*tables.users, pseudonyms);
}

std::optional<FeatureTable> read_item_features(const po::variables_map& given,
                                               const EventColumns& columns) {
  if (!has_source(given, Entity::item)) {
    refuse_given(given, {"features"}, "without --items");
    return std::nullopt;
  }
  const std::vector<FeatureChoice> choices = asked_features(given).items;
  return given.contains("items") ? read_feature_file(given, Entity::item, choices)
                                 : gathered_features(given, columns, Entity::item, choices);
}

void add_group_options(po::options_description& description) {
  description.add_options()(
      "by", po::value<std::string>()->value_name("COLUMNS"),
      "columns of the tables of items and users, or of the events, with commas between, such as "
      "genres,user.gender: prints what --details prints, and all measures for each value of a "
      "column with the largest gap between two; numbers are cut into tenths; a column is named as "
      "in --features of train, such as genres=6-24; default: none")(
      "items", po::value<std::string>()->value_name("FILE"),
      "the table of items that --by looks at; default: none")(
      "users", po::value<std::string>()->value_name("FILE"),
      "the table of users that --by looks at; default: none");
}

std::vector<Grouping> read_groupings(const po::variables_map& given, const EventColumns& columns,
                                     const IdMap& users, const IdMap& items,
                                     const std::optional<Pseudonyms>& pseudonyms) {
  std::vector<Grouping> groupings;
  if (!given.contains("by")) {
    refuse_given(given, {"items", "users"}, "without --by");
    refuse_event_columns(given, false, "without --by");
    return groupings;
  }
  const ChosenFeatures chosen =
      chosen_features(given, with_columns(given["by"].as<std::string>()), "by");
  if (chosen.items.empty()) refuse_given(given, {"items"}, "without a column of items in --by");
  if (chosen.users.empty()) refuse_given(given, {"users"}, "without a column of users in --by");
  const auto table_of = [&](Entity entity, const std::vector<FeatureChoice>& choices) {
    return given.contains(entity == Entity::user ? "users" : "items")
               ? read_feature_file(given, entity, choices)
               : gathered_features(given, columns, entity, choices);
  };
  if (!chosen.items.empty())
    add_groupings(groupings, table_of(Entity::item, chosen.items), items, true);
  if (chosen.users.empty()) return groupings;
  FeatureTable table = table_of(Entity::user, chosen.users);
  hide_users(table, pseudonyms);
  add_groupings(groupings, table, users, false);
  return groupings;
}

}  // namespace tapegrad::apps
