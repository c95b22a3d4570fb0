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
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/models/sequence_row.h>
#include <tapegrad/apps/training/sequence_sources.h>

#include "commands.h"
#include "data_options.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description model_options() {
  po::options_description model =
      row_options_description("Models", sequence_rows(), sequence_options::all());
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
      "what a history is: sessions (of visitors without a name) or next-item (of users)")(
      "model", po::value<std::string>()->value_name("MODEL")->required(),
      models_help(sequence_rows()).c_str())(
      "out", po::value<std::string>()->value_name("FILE"),
      "a file to save the model to, as it was trained and evaluated; default: it is not saved")(
      "json", "print a JSON object as the last line on stdout")(
      "k", po::value<int>()->value_name("N"),
      "how long the list is that is judged, from 1 on; default: 20, with task next-item 10");
  add_sources_option(
      all, "train",
      "task sessions: the events (session, item, time) to train on: files of delimited "
      "text or JSON Lines, plain or gzip; - for standard input; sqlite:FILE or "
      "postgresql://... with --query (required there)");
  add_data_options(all);
  add_min_rating(all);
  add_run_options(all);
  all.add(model_options()).add(loop_options_description());
  return all;
}

// What the model would not look at.
void refuse_without_effect(const po::variables_map& given, const SequenceRow& row,
                           const ModelSettings& settings) {
  if (given.contains("protocol") && given["protocol"].as<std::string>() == "none" &&
      (!row.is_neural() || given.contains("epochs")))
    refuse_given(given, {"k"}, "with protocol none where nothing is chosen by validation");
  if (!row.is_neural()) {
    const std::string with_model = fmt::format("with model {}", row.name);
    refuse_given(given, {"no-refit"}, with_model);
    refuse_given(given, names_of(loop_options_description()), with_model);
    return;
  }
  if (source_options(settings, 0).loss == SequenceLoss::softmax)
    refuse_given(given, {"negatives", "regularisation"}, "with the softmax loss");
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
  for (const double time : split.training.end_times) times.add_double(time);
  return fmt::format("{}; {}; refit {}; protocol {}; k {}; data {}; times {}",
                     identity_of(row, options.settings), identity_of(options.loop), options.refit,
                     split.protocol, options.k, hexadecimal(fingerprint(split.training)),
                     hexadecimal(times.value()));
}

SequenceSplit read_split(const po::variables_map& given, bool histories, const std::string& model,
                         SessionReader& reader) {
  if (histories) {
    const auto protocol = given.contains("protocol") ? given["protocol"].as<std::string>() : "loo";
    const std::vector<std::string> sources = needed(given, "data", "next-item");
    const std::string path = displayed_all(sources);
    const Sessions all = reader.read(sources);
    require_trainable(all, path);
    SequenceSplit split = history_split(all, protocol, seed_of(given));
    if (split.cases.empty() && protocol != "none")
      throw DataError(
          fmt::format("{}: expected a user with 3 items or more to judge on, got none", path));
    return split;
  }
  const std::vector<std::string> sources = needed(given, "train", "sessions");
  const bool tested = !given.contains("protocol");
  if (tested && !given.contains("test"))
    throw OptionError("task sessions needs --test, or --protocol none");
  const Sessions training = reader.read(sources);
  require_trainable(training, displayed_all(sources));
  if (!tested) return session_split(training, nullptr);
  const Sessions test =
      reader.read_test(sources_of(given, "test"), training.items, unlearnt_items(training, model),
                       hexadecimal(fingerprint(training)));
  return session_split(training, &test);
}

std::string describe(const SequenceSplit& split) {
  const auto events = split.training.events.size();
  const std::string trained =
      fmt::format("trained on {} events of {} {}", events, split.training.count(),
                  split.histories ? "users" : "sessions");
  if (split.cases.empty()) return trained + ", evaluated on none (protocol none)";
  return fmt::format("{}, evaluated on {} (protocol {})", trained,
                     split.histories
                         ? fmt::format("the last event of {} users", split.cases.size())
                         : fmt::format("{} events of other sessions", split.cases.size()),
                     split.protocol);
}

}  // namespace

int run_train(const std::vector<std::string>& arguments) {
  const auto start = std::chrono::steady_clock::now();
  const auto given = parse(description(), arguments);
  if (!given) return 0;
  const auto task = (*given)["task"].as<std::string>();
  if (task != "sessions" && task != "next-item")
    throw OptionError(
        fmt::format("there is no task {}; there are sessions and next-item", in_quotes(task)));
  const bool histories = task == "next-item";
  refuse_other_task(*given, histories);
  StoredSequenceModel model;
  model.name = (*given)["model"].as<std::string>();
  const SequenceRow& row = sequence_row(model.name);
  SequenceFitOptions options = fit_options(*given, row, histories);
  std::vector<std::string> inputs, outputs = outputs_of(options.loop);
  if (given->contains("out")) outputs.push_back((*given)["out"].as<std::string>());
  for (const char* name : {"data", "train", "test"}) {
    for (const std::string& source : sources_of(*given, name)) inputs.push_back(source);
  }
  check_files(inputs, outputs);
  Progress progress(given->contains("quiet"));
  SessionReader reader(*given, histories, like_options(*given).min_rating, "without --min-rating",
                       progress);
  const SequenceSplit split = read_split(*given, histories, model.name, reader);
  std::cerr << reader.told();
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
  const auto predictor = make_predictor(model);
  const NextItemMetrics metrics = evaluate_next_items(
      *predictor, split.cases, model.training.items.size(), options.k, options.loop.threads);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!given->contains("json")) {
    std::cout << result_text(model.name, metrics, split) << '\n';
    return 0;
  }
  nlohmann::json json = result_json(model.name, metrics, split, model.fingerprint);
  json["epochs"] = epochs;
  json["seconds"] = seconds;
  json["seed"] = options.loop.seed;
  std::cout << json_line(json);
  return 0;
}

}  // namespace tapegrad::apps
