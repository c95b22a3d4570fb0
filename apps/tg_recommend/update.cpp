// tg-recommend update
#include <algorithm>
#include <iostream>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/models/changed_events.h>
#include <tapegrad/apps/models/registry.h>
#include <tapegrad/apps/training/refit.h>
#include <tapegrad/apps/training/update_distance.h>

#include "commands.h"
#include "feature_options.h"
#include "pseudonym_options.h"
#include "read_data.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description update_description() {
  po::options_description all =
      options_group("tg-recommend update: adds new events, users and items to a trained model");
  add_help(all);
  all.add_options()("model-file", po::value<std::string>()->value_name("FILE")->required(),
                    "the file of the model, as train wrote it (required)")(
      "out", po::value<std::string>()->value_name("FILE")->required(),
      "a file to save the updated model to (required)")(
      "epochs", po::value<int>()->value_name("N"),
      "how many epochs a network is trained further for, on old and new events, from 1 on; "
      "default: "
      "a tenth of those that it was trained for")("sweeps", po::value<int>()->value_name("N"),
                                                  "how many sweeps ials makes from where it was, "
                                                  "over old and new events, from 1 on; default: a "
                                                  "tenth of those that it was fitted with")(
      "sample", po::value<int>()->value_name("N")->default_value(1000),
      "how many users are drawn to measure how far the update is from training from the beginning; "
      "0: it is not measured")("k", po::value<int>()->value_name("N")->default_value(10),
                               "how long the lists are that are compared, from 1 on")(
      "threads", po::value<int>()->value_name("N")->default_value(2),
      "how many threads compute, from 1 to 1024; results do not depend on it")(
      "quiet", "print only errors and warnings on stderr")("json",
                                                           "print a JSON object instead of text");
  add_sources_option(all, "data",
                     "the new events: files of delimited text or JSON Lines, plain or gzip; - for "
                     "standard input; sqlite:FILE or postgresql://... with --query (required)");
  add_table_options(all);
  add_item_options(all);
  add_feature_options(all);
  add_pseudonym_option(all);
  return all;
}

// Which events count is the model's to say, so that old and new ones mean the same.
DataOptions options_of(const po::variables_map& given, const StoredModel& model) {
  return data_options(given, {.protocol = "none",
                              .likes = model.likes,
                              .excluded_items = model.excluded_items,
                              .uses_ratings = has_squared_loss(model.settings),
                              .unrated = "with a model that was trained without --min-rating"});
}

// The titles of new items, where the model has titles and the tables or events have some.
void take_titles(StoredModel& model, Index known, const po::variables_map& given,
                 const EventColumns& columns) {
  if (model.titles.empty()) return;
  const std::vector<std::string> titles = read_titles(given, columns, model.items);
  for (std::size_t item = static_cast<std::size_t>(known); item < titles.size(); ++item)
    model.titles[item] = titles[item];
}

// How many epochs or sweeps are added.
int rounds_of(const po::variables_map& given, const StoredModel& before) {
  const auto tenth = [](Index all) { return static_cast<int>(std::max<Index>(1, (all + 9) / 10)); };
  if (model_row(before.name).is_neural()) {
    int epochs = tenth(before.loop.epochs);
    set_bounded(epochs, given, settings::epochs);
    return epochs;
  }
  if (!before.settings.has(model_options::sweeps)) return 0;
  int sweeps = tenth(before.settings.whole(model_options::sweeps));
  set_bounded(sweeps, given, "sweeps", 1, 100000);
  return sweeps;
}

nlohmann::json to_json(const UpdateDistance& distance, int k) {
  return {{"users", distance.users},
          {"cases", distance.cases},
          {"shared_of_k", distance.shared},
          {"k", k},
          {distance.of_ratings ? "updated_rmse" : "updated_ndcg", distance.updated},
          {distance.of_ratings ? "refitted_rmse" : "refitted_ndcg", distance.refitted}};
}

std::string to_text(const UpdateDistance& distance, int k) {
  if (distance.users == 0)
    return "the distance to training from the beginning was not measured: no user of the "
           "sample has a new item besides another\n";
  return fmt::format(
      "on a sample of {} users, {} of them with a new item that was held out: lists of {} after an "
      "update and after training from the beginning share {:.1f} items; {} for the new item: "
      "{:.4f} "
      "after the update, {:.4f} from the beginning\n",
      distance.users, distance.cases, k, distance.shared,
      distance.of_ratings ? "RMSE of the rating" : fmt::format("NDCG@{}", k), distance.updated,
      distance.refitted);
}

}  // namespace

int run_update(const std::vector<std::string>& arguments) {
  const auto given = parse(update_description(), arguments);
  if (!given) return 0;
  const int threads = bounded(*given, "threads", 1, 1024);
  const int k = bounded(*given, "k", 1, 1000000);
  const int sample = bounded(*given, "sample", 0, 1000000000);
  const auto path = (*given)["model-file"].as<std::string>();
  const auto out = (*given)["out"].as<std::string>();
  const StoredModel before = load_model(path);
  const ModelRow& row = model_row(before.name);
  const std::string with_model = fmt::format("with model {}", before.name);
  if (!row.can_go_on())
    refuse_given(*given, {"sample", "k"}, with_model + ", which is fitted again");
  if (!row.is_neural()) refuse_given(*given, {"epochs"}, with_model);
  if (row.is_neural() || !row.can_go_on()) refuse_given(*given, {"sweeps"}, with_model);
  DataOptions options = options_of(*given, before);
  options.pseudonyms = pseudonyms_of(*given, before);
  std::vector<std::string> inputs = data_files(options);
  inputs.push_back(path);
  for (const char* name : {"items", "users", "pseudonymise"}) {
    if (given->contains(name)) inputs.push_back((*given)[name].as<std::string>());
  }
  check_files(inputs, {out});
  Progress progress(given->contains("quiet"));
  FeatureTables features = read_known_features(*given, before, options.pseudonyms);
  EventColumns columns = event_columns(*given);
  options.columns = &columns;
  const ReadLikes read = read_likes(options, progress);
  std::cerr << read.told;
  add_known_event_features(features, *given, before, columns, options.pseudonyms);
  StoredModel after = without_learnt(before);
  after.excluded_items = options.table.excluded_items;
  add_events(after, read.likes, *read.had, features.users ? &*features.users : nullptr,
             features.items ? &*features.items : nullptr);
  take_titles(after, before.items.size(), *given, columns);
  if (read.unmatched_returns > 0)
    std::cerr << fmt::format(
        "tg-recommend: {} returns are of more than the new events buy; of earlier purchases the "
        "model knows no quantities, and they stay\n",
        read.unmatched_returns);
  const int rounds = rounds_of(*given, before);
  if (row.can_go_on())
    train_further(after, before, rounds, threads, progress);
  else
    refit(after, threads, progress);
  after.protocol = "none";
  after.described = fmt::format(
      "trained on {} pairs of users and items, evaluated on none (protocol none), {} of them new "
      "in "
      "an update",
      after.seen->size(), after.seen->size() - before.seen->size());
  save_model(out, after);
  nlohmann::json json = {{"model", after.name},
                         {"file", out},
                         {"new_pairs", after.seen->size() - before.seen->size()},
                         {"new_users", after.users.size() - before.users.size()},
                         {"new_items", after.items.size() - before.items.size()}};
  std::string text = fmt::format("{}: {} with {} new pairs, {} new users and {} new items", out,
                                 after.name, after.seen->size() - before.seen->size(),
                                 after.users.size() - before.users.size(),
                                 after.items.size() - before.items.size());
  if (!row.can_go_on()) {
    text += "; it was fitted again to all pairs, with the options that it was trained with\n";
  } else {
    const char* const unit = row.is_neural() ? "epochs" : "sweeps";
    json[unit] = rounds;
    text += fmt::format("; {} more {}\n", rounds, unit);
    if (sample > 0) {
      const UpdateDistance distance =
          distance_of_update(before, after, rounds, sample, k, threads, progress);
      json["distance"] = to_json(distance, k);
      text += to_text(distance, k);
    }
  }
  std::cout << (given->contains("json") ? json_line(json) : text);
  return 0;
}

}  // namespace tapegrad::apps
