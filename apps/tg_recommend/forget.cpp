// tg-recommend forget
#include <iostream>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/models/changed_events.h>
#include <tapegrad/apps/training/refit.h>

#include "commands.h"
#include "pseudonym_options.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description forget_description() {
  po::options_description all = options_group(
      "tg-recommend forget: removes people from a model and fits it again to the others");
  add_help(all);
  all.add_options()("model-file", po::value<std::string>()->value_name("FILE")->required(),
                    "the file of the model, as train wrote it (required)")(
      "user", po::value<std::vector<std::string>>()->multitoken()->required()->value_name("ID..."),
      "the ids of the users to forget, with blanks between (required)")(
      "out", po::value<std::string>()->value_name("FILE")->required(),
      "a file to save the new model to (required)")(
      "threads", po::value<int>()->value_name("N")->default_value(2),
      "how many threads compute, from 1 to 1024; results do not depend on it")(
      "quiet", "print only errors and warnings on stderr")("json",
                                                           "print a JSON object instead of text");
  add_pseudonym_option(all);
  return all;
}

std::vector<bool> users_to_remove(const std::vector<std::string>& ids, const StoredModel& model,
                                  const std::optional<Pseudonyms>& pseudonyms) {
  std::vector<bool> removed(static_cast<std::size_t>(model.users.size()), false);
  for (const std::string& text : ids) {
    const std::string id(trimmed(text));
    const Index user = find_user(model, pseudonyms, id);
    if (user < 0)
      throw DataError(fmt::format("expected a user that the model knows, got {}", in_quotes(id)));
    removed[static_cast<std::size_t>(user)] = true;
  }
  return removed;
}

Index orphaned_items(const UserItems& before, const UserItems& after) {
  const auto old_counts = before.item_user_counts(), new_counts = after.item_user_counts();
  Index orphans = 0;
  for (std::size_t item = 0; item < new_counts.size(); ++item)
    orphans += old_counts[item] > 0 && new_counts[item] == 0 ? 1 : 0;
  return orphans;
}

}  // namespace

int run_forget(const std::vector<std::string>& arguments) {
  const auto given = parse(forget_description(), arguments);
  if (!given) return 0;
  const int threads = bounded(*given, "threads", 1, 1024);
  const auto path = (*given)["model-file"].as<std::string>();
  const auto out = (*given)["out"].as<std::string>();
  std::vector<std::string> inputs{path};
  if (given->contains("pseudonymise")) inputs.push_back((*given)["pseudonymise"].as<std::string>());
  check_files(inputs, {out});
  StoredModel model = load_model(path);
  const std::vector<bool> removed = users_to_remove((*given)["user"].as<std::vector<std::string>>(),
                                                    model, pseudonyms_of(*given, model));
  const std::shared_ptr<const UserItems> before = model.seen;
  const Index users_before = model.users.size();
  remove_users(model, removed);
  if (model.seen->size() == 0)
    throw DataError("expected events of other users to fit the model to, got none");
  const Index forgotten = users_before - model.users.size();
  const Index events = before->size() - model.seen->size();
  const Index orphans = orphaned_items(*before, *model.seen);
  Progress progress(given->contains("quiet"));
  refit(model, threads, progress);
  model.protocol = "none";
  model.described = fmt::format(
      "trained on {} pairs of users and items, evaluated on none (protocol none), after {} users "
      "were forgotten",
      model.seen->size(), forgotten);
  save_model(out, model);
  std::vector<std::string> remains = {
      "the data that the model was trained on, checkpoints, curves, other models and lists that "
      "were written from them: these are other files"};
  if (orphans > 0)
    remains.push_back(fmt::format(
        "the ids of {} items that nobody else has: they are in the list of items, and the model "
        "knows nothing of them",
        orphans));
  if (model.user_features)
    remains.push_back(
        "the means, tenths and words of the users' features: they were found with these users "
        "among the others");
  nlohmann::json json = {{"forgotten", forgotten},
                         {"pairs", events},
                         {"users", model.users.size()},
                         {"file", out},
                         {"not_removed", remains}};
  std::string text = fmt::format(
      "{}: forgot {} of {} users, with {} pairs of a user and an item, and fitted {} again to the "
      "{} pairs of the others\n",
      out, forgotten, users_before, events, model.name, model.seen->size());
  for (const std::string& what : remains) text += fmt::format("not removed: {}\n", what);
  std::cout << (given->contains("json") ? json_line(json) : text);
  return 0;
}

}  // namespace tapegrad::apps
