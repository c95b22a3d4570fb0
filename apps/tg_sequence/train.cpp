// tg-sequence train
#include <algorithm>
#include <chrono>
#include <iostream>

#include <fmt/format.h>

#include <tapegrad/apps/command_line/like_options.h>
#include <tapegrad/apps/command_line/loop_options.h>
#include <tapegrad/apps/command_line/row_options.h>
#include <tapegrad/apps/command_line/table_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/fingerprint.h>
#include <tapegrad/apps/data/stable_hash.h>
#include <tapegrad/apps/evaluation/comparison.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/models/language_row.h>
#include <tapegrad/apps/models/purchase_model.h>
#include <tapegrad/apps/models/sequence_row.h>
#include <tapegrad/apps/training/sequence_baselines.h>

#include "commands.h"
#include "data_options.h"
#include "language.h"
#include "purchase.h"
#include "read_split.h"
#include "result.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description model_options() {
  po::options_description model = row_options_description(
      "Models", sequence_rows(), sequence_options::all(),
      {task_defaults("purchase", purchase_rows()), task_defaults("language", language_rows())});
  model.add_options()(
      "no-refit",
      "keep the best weights of the choice of epochs, instead of training anew on everything");
  return model;
}

po::options_description description() {
  po::options_description all = options_group(
      "tg-sequence train: fits a model and evaluates it on the test part of the data");
  add_help(all);
  all.add_options()(
      "task", po::value<std::string>()->value_name("NAME")->default_value("sessions"),
      "what is predicted: the next item of sessions (of visitors without a name: sessions) or of "
      "users (next-item), whether a session ends in a purchase (purchase), or the next word or "
      "character of a text (language)")("model",
                                        po::value<std::string>()->value_name("MODEL")->required(),
                                        models_help(sequence_rows()).c_str())(
      "out", po::value<std::string>()->value_name("FILE"),
      "a file to save the model to, as it was trained and evaluated; default: it is not saved")(
      "baselines", po::value<std::string>()->value_name("MODELS"),
      "the simple models that are fitted and tested beside a neural network, with commas between, "
      "such as popularity,vsknn, or none; default: those that suit the task")(
      "json", "print a JSON object as the last line on stdout")(
      "k", po::value<int>()->value_name("N"),
      "how long the list is that is judged, from 1 on; default: 20, with task next-item 10");
  add_sequence_data_options(all, true);
  add_min_rating(all);
  add_run_options(all);
  all.add(model_options()).add(language_options_description()).add(loop_options_description());
  return all;
}

// The options that only some losses look at.
void refuse_without_loss(const po::variables_map& given, const ModelSettings& settings) {
  const NextItemLoss loss = loss_options(settings).loss;
  const std::string with_loss =
      fmt::format("with the loss {}", settings.text(sequence_options::loss));
  if (loss == NextItemLoss::softmax || loss == NextItemLoss::bce)
    refuse_given(given, {"negatives"}, with_loss);
  if (loss == NextItemLoss::softmax) refuse_given(given, {"sampling-exponent"}, with_loss);
  if (loss != NextItemLoss::bpr_max) refuse_given(given, {"regularisation"}, with_loss);
  if (loss != NextItemLoss::gbce) refuse_given(given, {"calibration"}, with_loss);
}

// What the model would not look at.
void refuse_without_effect(const po::variables_map& given, const SequenceRow& row,
                           const ModelSettings& settings) {
  const bool tests_nothing =
      given.contains("protocol") && given["protocol"].as<std::string>() == "none";
  if (tests_nothing && (!row.is_neural() || given.contains("epochs")))
    refuse_given(given, {"k"}, "with protocol none where nothing is chosen by validation");
  if (tests_nothing) refuse_given(given, {"baselines"}, "with protocol none");
  if (!row.is_neural()) {
    const std::string with_model = fmt::format("with model {}", row.name);
    refuse_given(given, {"no-refit", "baselines"}, with_model);
    refuse_given(given, names_of(loop_options_description()), with_model);
    return;
  }
  refuse_without_loss(given, settings);
  if (given.contains("epochs"))
    refuse_given(given, {"no-refit"}, "with --epochs, which are not chosen then");
}

SequenceFitOptions fit_options(const po::variables_map& given, const SequenceRow& row,
                               bool histories) {
  SequenceFitOptions options;
  options.settings = given_settings(given, row, sequence_options::all());
  refuse_without_effect(given, row, options.settings);
  options.k = histories ? 10 : 20;
  set_bounded(options.k, given, "k", 1, 1000000);
  options.refit = !given.contains("no-refit");
  options.loop = loop_options(given, row.loop);
  return options;
}

// What must be the same for a checkpoint to go on.
std::string identity_of(const SequenceRow& row, const SequenceFitOptions& options,
                        const SequenceSplit& split) {
  StableHash times;  // they tell which sessions validate
  for (const double time : split.training.times) times.add_double(time);
  for (const std::int16_t type : split.training.types) times.add_int(type);
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
  const auto given = parse(description(), arguments);
  if (!given) return 0;
  const auto task = (*given)["task"].as<std::string>();
  if (task == "language") return train_language(*given, description());
  refuse_given(*given, names_of(language_options_description()), "with task " + task);
  if (task == "purchase") return train_purchase(*given);
  if (task != "sessions" && task != "next-item")
    throw OptionError(
        fmt::format("there is no task {}; there are sessions, next-item, purchase and language",
                    in_quotes(task)));
  refuse_given(*given, {"purchase-type"}, "with task " + task);
  const SequenceDataOptions data = sequence_data_options(*given, task);
  StoredSequenceModel model;
  model.name = (*given)["model"].as<std::string>();
  const SequenceRow& row = sequence_row(model.name);
  SequenceFitOptions options = fit_options(*given, row, data.histories);
  std::vector<std::string> inputs, outputs = outputs_of(options.loop);
  if (given->contains("out")) outputs.push_back((*given)["out"].as<std::string>());
  for (const auto* sources : {&data.data, &data.train, &data.test})
    inputs.insert(inputs.end(), sources->begin(), sources->end());
  check_files(inputs, outputs);
  Progress progress(given->contains("quiet"));
  SequenceReader reader(*given, data, like_options(*given).min_rating, "without --min-rating",
                        progress);
  const SequenceSplit split = reader.split(model.name, options.loop.seed);
  std::cerr << reader.told();
  std::vector<std::string> baselines;
  if (row.is_neural() && !split.cases.empty())
    baselines = given->contains("baselines") ? named_baselines(*given, sequence_rows())
                                             : suitable_baselines(split);
  model.described = describe(split);
  model.min_rating = like_options(*given).min_rating;
  options.loop.identity = identity_of(row, options, split);
  const int epochs = fit_sequence(model, split, options, progress);
  if (given->contains("out")) {
    const auto out = (*given)["out"].as<std::string>();
    save_sequence_model(out, model);
    if (!given->contains("quiet"))
      std::cerr << fmt::format("{}: saved {}, {}\n", out, model.name, model.described);
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
