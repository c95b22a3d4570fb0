#include "askers.h"

#include <algorithm>
#include <array>
#include <iostream>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/data/pair_list.h>
#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/apps/models/grown_network.h>
#include <tapegrad/apps/models/registry.h>

#include "feature_options.h"
#include "histories.h"
#include "pseudonym_options.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

constexpr std::array<const char*, 6> ways = {"user",  "history",       "histories",
                                             "users", "user-features", "all-users"};

Asker of_history(const po::variables_map& given, const StoredModel& model) {
  const auto line = given["history"].as<std::string>();
  Asker asker{"history", "this history", -1, known_items(line, model, "--history")};
  if (asker.history.empty())
    throw DataError(
        fmt::format("--history: expected an item that the model knows, got {}", in_quotes(line)));
  return asker;
}

std::vector<Asker> of_histories(const po::variables_map& given, const StoredModel& model) {
  std::vector<Asker> askers;
  const auto path = given["histories"].as<std::string>();
  std::istringstream lines(read_text_file(path, max_unpacked(given)));
  for (std::string line; std::getline(lines, line);) {
    const std::string name = fmt::format("{}:{}", path, askers.size() + 1);
    try {
      const std::string number = std::to_string(askers.size() + 1);
      askers.push_back({number, "history " + number, -1, known_items(line, model, name)});
    } catch (const DataError& error) {
      throw DataError(fmt::format("{}: {}", name, error.what()));
    }
  }
  if (askers.empty()) throw DataError(fmt::format("{}: expected a history, got none", path));
  return askers;
}

// One person with the features of --user-features.
FeatureTable given_features(const po::variables_map& given, const StoredModel& model) {
  EntityRows person{.columns = {}, .ids = {}, .rows = {{}}};
  std::vector<FeatureChoice> choices;
  for (auto& [name, value] : parse_pairs(given["user-features"].as<std::string>(),
                                         "--user-features", "age=25,gender=F")) {
    if (std::ranges::count(person.columns, name) > 0)
      throw OptionError(fmt::format("--user-features: the feature {} is given twice", name));
    choices.push_back({.name = name, .first = name, .last = {}});
    person.columns.push_back(name);
    person.rows[0].push_back(std::move(value));
  }
  person.column_count = static_cast<Index>(person.columns.size());
  person.ids.insert("features");
  const auto& encoders = model.user_features->encoders();
  FeatureTable table = feature_table_of(person, choices, "--user-features", &encoders);
  for (std::size_t i = 0; i < person.columns.size(); ++i) {
    const auto encoder = std::ranges::find(encoders, person.columns[i], &FeatureEncoder::name);
    std::vector<FeatureEntry> entries;
    encoder->encode(person.rows[0][i], 0, entries);
    if (entries.empty())
      std::cerr << fmt::format(
          "tg-recommend: --user-features: the model does not know {} {}, which "
          "is left out\n",
          person.columns[i], in_quotes(person.rows[0][i]));
  }
  return table;
}

std::vector<Asker> of_features(const po::variables_map& given, StoredModel& model) {
  if (!model.user_features || !model_row(model.name).uses_user_features())
    throw OptionError(
        fmt::format("--{}: the model {} was trained without features of users, such as train takes "
                    "from --users",
                    given.contains("users") ? "users" : "user-features", model.name));
  FeatureTable people = given.contains("users")
                            ? read_known_users(given, model, pseudonyms_of(given, model))
                            : given_features(given, model);
  std::vector<std::string> names;
  for (Index i = 0; i < people.ids.size(); ++i) names.push_back(people.ids.name(i));
  // A name that no user has: a user of that id would be somebody else.
  if (given.contains("user-features")) {
    people.ids = IdMap();
    std::string id = names[0];
    while (model.users.find(id) >= 0) id += '\'';
    people.ids.insert(id);
  }
  add_people(model, people);
  std::vector<Asker> askers;
  for (std::size_t i = 0; i < names.size(); ++i)
    askers.push_back({names[i],
                      given.contains("users") ? "user " + names[i] : "somebody with these features",
                      model.users.find(people.ids.name(static_cast<Index>(i))),
                      {}});
  return askers;
}

}  // namespace

void add_asker_options(po::options_description& description) {
  description.add_options()("user", po::value<std::string>()->value_name("ID"),
                            "the id of one user whom the model was trained with")(
      "history", po::value<std::string>()->value_name("IDS"),
      "the ids of the items that somebody has, who need not be known to the model, with commas or "
      "blanks between; an id that holds either stands in double quotes")(
      "histories", po::value<std::string>()->value_name("FILE"),
      "a file with such a history on each line, who all get a list")(
      "user-features", po::value<std::string>()->value_name("NAME=VALUE,..."),
      "what somebody is like who need not be known, such as age=25,gender=F, where the model was "
      "trained with features of users")(
      "users", po::value<std::string>()->value_name("FILE"),
      "a table of users with such features, who need not be known: each gets a list; its column "
      "of ids has the role user.id")("all-users",
                                     "recommend to everybody whom the model was trained with");
}

std::vector<Asker> askers_of(const po::variables_map& given, StoredModel& model) {
  const auto count =
      std::ranges::count_if(ways, [&](const char* name) { return given.contains(name); });
  if (count > 1)
    throw OptionError(
        "only one of --user, --history, --histories, --user-features, --users and --all-users may "
        "be "
        "given");
  if (count == 0)
    throw OptionError(
        "one of --user, --history, --histories, --user-features, --users and --all-users is "
        "needed");
  if (!given.contains("users")) refuse_given(given, {"features"}, "without --users");
  if (!given.contains("user") && !given.contains("users"))
    refuse_given(given, {"pseudonymise"}, "without --user or --users");
  if (given.contains("user-features"))
    refuse_given(given, {"include-seen"}, "with --user-features, where no item is known as seen");
  if (given.contains("history")) return {of_history(given, model)};
  if (given.contains("histories")) return of_histories(given, model);
  if (given.contains("users") || given.contains("user-features")) return of_features(given, model);
  if (given.contains("user")) {
    const std::string id(trimmed(given["user"].as<std::string>()));
    return {{id, "user " + id, find_user(model, pseudonyms_of(given, model), id), {}}};
  }
  std::vector<Asker> askers;
  for (Index user = 0; user < model.users.size(); ++user) {
    if (!is_known_user(*model.seen, user)) continue;
    const std::string& name = model.users.name(user);
    askers.push_back({name, "user " + name, user, {}});
  }
  return askers;
}

}  // namespace tapegrad::apps
