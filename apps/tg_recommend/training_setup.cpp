#include "training_setup.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/like_options.h>
#include <tapegrad/apps/command_line/loop_options.h>
#include <tapegrad/apps/command_line/row_options.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/registry.h>
#include <tapegrad/apps/training/memory_need.h>

#include "feature_options.h"
#include "pseudonym_options.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

// Enough that a hit rate is known to within a hundredth, and a judgement takes seconds.
constexpr Index most_validation_users = 10000;

// Whether something is chosen on a validation part.
bool chooses(const po::variables_map& given, const ModelRow& row, const ModelSettings& settings) {
  if (row.is_neural()) return !given.contains("epochs");
  return std::ranges::any_of(row.options, [&](const OptionDefault& known) {
    return !known.grid.empty() && settings.is_auto(*known.option);
  });
}

// What the model would not look at.
void refuse_without_effect(const po::variables_map& given, const ModelRow& row,
                           const ModelSettings& settings) {
  const std::string with_model = fmt::format("with model {}", row.name);
  if (!row.is_neural()) refuse_given(given, names_of(loop_options_description()), with_model);
  if (given.contains("protocol") && given["protocol"].as<std::string>() == "none" &&
      !chooses(given, row, settings))
    refuse_given(given, {"k", "metric"},
                 "with protocol none where nothing is chosen by validation");
}

FitOptions fit_options(const po::variables_map& given, const ModelRow& row) {
  FitOptions options;
  options.settings = given_settings(given, row, model_options::all());
  refuse_without_effect(given, row, options.settings);
  if (predicts_ratings(options))
    refuse_given(given, {"min-rating", "event-weights", "half-life"},
                 "with the loss squared, which learns all ratings");
  const auto metric = given["metric"].as<std::string>();
  if (metric != "hr" && metric != "ndcg")
    throw OptionError(fmt::format("--metric must be hr or ndcg, got {}", in_quotes(metric)));
  if (predicts_ratings(options))
    refuse_given(given, {"metric"}, "with the loss squared, where the RMSE decides");
  options.by_ndcg = metric == "ndcg";
  options.k = bounded(given, "k", 1, 1000000);
  options.loop = loop_options(given, row.loop);
  return options;
}

// Events whose users or items the tables of features lack, and the reverse.
std::string describe_features(const FitOptions& options, const Split& split) {
  std::string text;
  const auto add = [&](const EntityFeatures* features, const char* what,
                       std::span<const std::int32_t> numbers) {
    if (features == nullptr) return;
    std::vector<bool> has_event(static_cast<std::size_t>(features->count()), false);
    for (const std::int32_t number : numbers) has_event[static_cast<std::size_t>(number)] = true;
    Index without_features = 0, without_events = 0;
    for (Index i = 0; i < features->count(); ++i) {
      const bool is_seen = has_event[static_cast<std::size_t>(i)];
      without_features += is_seen && !features->has_row(i) ? 1 : 0;
      without_events += !is_seen && features->has_row(i) ? 1 : 0;
    }
    text += fmt::format(
        "{}: {} with training events have no features, {} with features have no "
        "training events and are known by these alone\n",
        what, without_features, without_events);
  };
  add(options.user_features.get(), "users", split.training.users);
  add(options.item_features.get(), "items", split.training.items);
  return text;
}

// What must be the same for a checkpoint to go on.
std::string identity_of(const ModelRow& row, const FitOptions& options, const DataOptions& data,
                        const Split& split) {
  return fmt::format("{}; {}; protocol {}; repeats {}; k {}; metric {}; data {}; likes {}",
                     identity_of(row, options.settings), identity_of(options.loop), split.protocol,
                     describe(split.repeats), options.k, options.by_ndcg ? "ndcg" : "hr",
                     split.fingerprint, describe_likes(data.likes));
}

// How pairs are trained on. Throws OptionError for negatives that are not sampled.
std::string describe_training(const po::variables_map& given, const FitOptions& options,
                              const Split& split) {
  const PairSourceOptions pairs = pair_options(options.settings, *split.pairs, options.loop.seed);
  if (pairs.loss == PairLoss::softmax) refuse_given(given, {"negatives"}, "with the softmax loss");
  if (pairs.loss == PairLoss::sigmoid) refuse_given(given, {"negatives"}, "with the sigmoid loss");
  if (pairs.loss == PairLoss::squared) refuse_given(given, {"negatives"}, "with the squared loss");
  return describe(pairs, *split.pairs);
}

// Tells what the training needs, and refuses what does not fit.
void check_memory(const TrainingSetup& setup) {
  const FitOptions& options = setup.options;
  const ModelShape shape =
      shape_of(setup.split(), options.user_features.get(), options.item_features.get());
  PairSourceOptions pairs;
  if (setup.row->is_neural())
    pairs = pair_options(options.settings, *setup.split().pairs, options.loop.seed);
  if (!setup.data.quiet)
    std::cerr << describe_need(*setup.row, options.settings, shape, pairs) << '\n';
  require_memory(*setup.row, options.settings, shape, pairs, setup.available_memory);
}

// Sets what depends on the data: how the choice is made, and the features.
void take_data(FitOptions& options, const FeatureTables& features, const Split& split) {
  if (split.protocol == "ncf")
    options.validation_negatives = 99;
  else
    options.validation_users = most_validation_users;
  if (features.users)
    options.user_features = std::make_shared<const EntityFeatures>(
        features.users->features_of(split.training.user_ids));
  if (features.items)
    options.item_features = std::make_shared<const EntityFeatures>(
        features.items->features_of(split.training.item_ids));
}

}  // namespace

void add_training_options(po::options_description& description) {
  description.add_options()("model", po::value<std::string>()->value_name("MODEL")->required(),
                            models_help(model_rows()).c_str())(
      "k", po::value<int>()->value_name("N")->default_value(10),
      "how long the list is that is judged, from 1 on")(
      "metric", po::value<std::string>()->value_name("NAME")->default_value("hr"),
      "what decides on the validation part: hr (the hit rate at k) or ndcg");
  add_data_options(description, "loo");
  add_like_options(description);
  add_item_options(description);
  add_feature_options(description);
  add_pseudonym_option(description);
  add_run_options(description);
  description.add_options()("memory", po::value<double>()->value_name("NUMBER"),
                            "how many gigabytes the training may take; what needs more is refused "
                            "before it begins; default: what the machine has free");
  description
      .add(row_options_description(
          "Models; auto stands for a value that is chosen when the data are known", model_rows(),
          model_options::all()))
      .add(loop_options_description());
}

StoredModel TrainingSetup::model() const {
  StoredModel model;
  model.name = row->name;
  model.titles = titles;
  model.described = read.described;
  model.likes = data.likes;
  model.excluded_items = data.table.excluded_items;
  if (data.pseudonyms) model.key_check = data.pseudonyms->check();
  return model;
}

TrainingSetup read_training(const po::variables_map& given, const std::vector<std::string>& outputs,
                            Progress& progress) {
  TrainingSetup setup;
  setup.row = &model_row(given["model"].as<std::string>());
  const ModelRow& row = *setup.row;
  FitOptions& options = setup.options = fit_options(given, row);
  const std::string item_table = item_table_of(given, true);
  DataOptions& data = setup.data = data_options(
      given, {.likes = like_options(given), .uses_ratings = predicts_ratings(options)});
  std::vector<std::string> inputs = data_files(data);
  inputs.push_back(item_table);
  for (const char* name : {"users", "options", "pseudonymise"}) {
    if (given.contains(name)) inputs.push_back(given[name].as<std::string>());
  }
  std::vector<std::string> all_outputs = outputs_of(options.loop);
  all_outputs.insert(all_outputs.end(), outputs.begin(), outputs.end());
  check_files(inputs, all_outputs);
  data.pseudonyms = pseudonyms_of(given);
  FeatureTables features = read_features(given, row, data.pseudonyms);
  if (features.users) data.more_users = &features.users->ids;
  if (features.items) data.more_items = &features.items->ids;
  EventColumns columns = event_columns(given);
  data.columns = &columns;
  setup.read = read_data(data, progress);
  data.columns = nullptr;
  add_event_features(features, given, row, columns, data.pseudonyms);
  data.more_users = data.more_items = nullptr;  // these go with the tables
  const Split& split = setup.split();
  const std::string training = row.is_neural() ? describe_training(given, options, split) : "";
  std::cerr << setup.read.told;
  take_data(options, features, split);
  if (!data.quiet) std::cerr << describe_features(options, split);
  if (options.validation_users > 0 && split.pairs->user_count() > options.validation_users &&
      chooses(given, row, options.settings) && !data.quiet)
    std::cerr << fmt::format("validation: {} of the {} users are drawn\n", options.validation_users,
                             split.pairs->user_count());
  setup.available_memory =
      given.contains("memory") ? 1e9 * bounded(given, "memory", 1e-3, 1e9) : available_memory();
  check_memory(setup);
  options.loop.identity = identity_of(row, options, data, split);
  setup.titles = read_titles(given, columns, split.training.item_ids);
  if (row.is_neural() && !data.quiet) std::cerr << fmt::format("{}: {}\n", row.name, training);
  return setup;
}

}  // namespace tapegrad::apps
