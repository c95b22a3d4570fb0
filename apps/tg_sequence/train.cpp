// tg-sequence train
#include <algorithm>
#include <chrono>
#include <iostream>

#include <fmt/format.h>

#include <tapegrad/apps/command_line/loop_options.h>
#include <tapegrad/apps/command_line/row_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/data/stable_hash.h>
#include <tapegrad/apps/evaluation/comparison.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/models/sequence_row.h>
#include <tapegrad/apps/training/sequence_baselines.h>

#include "commands.h"
#include "language.h"
#include "purchase.h"
#include "result.h"
#include "training_setup.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description train_description() {
  po::options_description all = options_group(
      "tg-sequence train: fits a model and evaluates it on the test part of the data");
  add_help(all);
  add_options_file(all);
  all.add_options()(
      "out", po::value<std::string>()->value_name("FILE"),
      "a file to save the model to, as it was trained and evaluated; default: it is not saved")(
      "baselines", po::value<std::string>()->value_name("MODELS"),
      "the simple models that are fitted and tested beside a neural network, with commas between, "
      "such as popularity,vsknn, or none; default: those that suit the task")(
      "json", "print a JSON object as the last line on stdout");
  add_training_options(
      all,
      "what is predicted: the next item of sessions (of visitors without a name: sessions) or of "
      "users (next-item), whether a session ends in a purchase (purchase), or the next word or "
      "character of a text (language)");
  all.add(language_options_description()).add(loop_options_description());
  return all;
}

// What must be the same for a checkpoint to go on.
std::string identity_of(const SequenceRow& row, const SequenceFitOptions& options,
                        const SequenceSplit& split) {
  StableHash times;  // they tell which sessions validate
  for (const double time : split.training.times) times.add_double(time);
  for (const std::int16_t type : split.training.types) times.add_int(type);
  for (const double weight : split.training.type_weights.of) times.add_double(weight);
  add_features(times, split.training.item_features.get());
  return fmt::format("{}; {}; refit {}; protocol {}; target {}; k {}; data {}; times {}",
                     identity_of(row, options.settings), identity_of(options.loop), options.refit,
                     split.protocol, split.target == SequenceTarget::basket ? "basket" : "item",
                     options.k, hexadecimal(fingerprint(split.training)),
                     hexadecimal(times.value()));
}

std::string describe(const SequenceSplit& split) {
  const std::string trained =
      fmt::format("trained on {} events of {} {}", split.training.events.size(),
                  split.training.count(), split.histories ? "users" : "sessions");
  if (split.cases.empty()) return trained + ", evaluated on none (protocol none)";
  const std::string asked = split.target == SequenceTarget::basket ? "baskets"
                            : split.histories                      ? "events of users"
                                                                   : "events of other sessions";
  return fmt::format("{}, evaluated on {} {} (protocol {})", trained, split.cases.size(), asked,
                     split.protocol);
}

// The figures of the baselines, and how the model compares with the best of them.
void add_baselines(nlohmann::json& json, std::string& text,
                   const std::vector<SequenceBaseline>& baselines, const StoredSequenceModel& model,
                   std::span<const RankedNext> ranked, int k, const SequenceSplit& split) {
  for (const SequenceBaseline& one : baselines) {
    nlohmann::json own = result_json(one.name, one.ranked, k, split, model.fingerprint);
    own["options"] = options_json(sequence_row(one.name), one.settings);
    json["baselines"].push_back(std::move(own));
    text += result_text(one.name, one.ranked, k, split) + '\n';
  }
  const Measure measure = validated_measure(split);
  const SequenceBaseline* best = best_of(baselines, measure, k);
  if (best == nullptr) return;
  const Comparison comparison = compare(ranked, best->ranked, measure, k);
  json["against_best_baseline"] = to_json(comparison, best->name);
  text += to_text(comparison, model.name, best->name) + '\n';
}

}  // namespace

int run_train(const std::vector<std::string>& arguments) {
  const auto start = std::chrono::steady_clock::now();
  const auto given = parse(train_description(), arguments);
  if (!given) return 0;
  const auto task = (*given)["task"].as<std::string>();
  if (task == "language") return train_language(*given, train_description());
  refuse_given(*given, names_of(language_options_description()), "with task " + task);
  if (task == "purchase") return train_purchase(*given);
  if (task != "sessions" && task != "next-item")
    throw OptionError(
        fmt::format("there is no task {}; there are sessions, next-item, purchase and language",
                    in_quotes(task)));
  std::vector<std::string> outputs;
  if (given->contains("out")) outputs.push_back((*given)["out"].as<std::string>());
  Progress progress(given->contains("quiet"));
  TrainingSetup setup = read_training(*given, task, outputs, progress);
  const SequenceRow& row = *setup.row;
  const SequenceSplit& split = setup.split;
  SequenceFitOptions& options = setup.options;
  std::vector<std::string> baselines;
  if (row.is_neural() && !split.cases.empty())
    baselines = given->contains("baselines") ? named_baselines(*given, sequence_rows())
                                             : suitable_baselines(split);
  StoredSequenceModel model;
  model.name = row.name;
  model.described = describe(split);
  model.min_rating = setup.likes.min_rating;
  model.event_weights = setup.likes.event_weights;
  options.loop.identity = identity_of(row, options, split);
  const int epochs = fit_sequence(model, split, options, progress);
  if (!outputs.empty()) {
    save_sequence_model(outputs.front(), model);
    if (!given->contains("quiet"))
      std::cerr << fmt::format("{}: saved {}, {}\n", outputs.front(), model.name, model.described);
  }
  const std::vector<RankedNext> ranked = rank_next_items(
      *make_predictor(model), split.cases, model.training.items.size(), options.loop.threads);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  nlohmann::json json = result_json(model.name, ranked, options.k, split, model.fingerprint);
  json["epochs"] = epochs;
  json["seconds"] = seconds;
  json["seed"] = options.loop.seed;
  json["options"] = options_json(row, model.settings);
  std::string text = result_text(model.name, ranked, options.k, split) + '\n';
  add_baselines(json, text, fit_sequence_baselines(baselines, split, options, progress), model,
                ranked, options.k, split);
  std::cout << (given->contains("json") ? json_line(json) : text);
  return 0;
}

}  // namespace tapegrad::apps
