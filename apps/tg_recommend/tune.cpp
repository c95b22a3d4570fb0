// tg-recommend tune
#include <iostream>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/loop_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/models/loop_settings.h>
#include <tapegrad/apps/training/fit_network.h>
#include <tapegrad/apps/training/validation.h>
#include <tapegrad/apps/tuning/successive_halving.h>

#include "commands.h"
#include "training_setup.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description description() {
  po::options_description all = options_group(
      "tg-recommend tune: looks for good options of a model by successive halving on validation");
  add_help(all);
  all.add_options()(
      "out", po::value<std::string>()->value_name("FILE")->required(),
      "a file to save the best options to, which train takes with --options (required)")(
      "minutes", po::value<double>()->value_name("NUMBER")->default_value(10.0),
      "how many minutes the search may last, above 0")(
      "trials", po::value<int>()->value_name("N"),
      "how many sets of options are drawn and tried; with enough minutes the result is then the "
      "same "
      "in every run; default: as many as fit into the time")(
      "trials-out", po::value<std::string>()->value_name("FILE"),
      "a file for a table of all trials (CSV); default: none is written")(
      "svg", po::value<std::string>()->value_name("FILE"),
      "a file for a picture of all trials; default: none is written")(
      "json", "print a JSON object instead of text");
  add_training_options(all);
  return all;
}

// What was not given, among what the model's row offers.
std::vector<TunedOption> search_space(const po::variables_map& given, const ModelRow& row) {
  std::vector<TunedOption> space;
  const auto add = [&](std::string_view name, const std::vector<std::string_view>& values) {
    if (!values.empty() && !is_given(given, std::string(name)))
      space.push_back({std::string(name), {values.begin(), values.end()}});
  };
  for (const OptionDefault& known : row.options)
    add(known.option->name, known.tuned.empty() ? known.grid : known.tuned);
  for (const TunedLoopOption& option : row.tuned_loop) add(option.name, option.values);
  if (space.empty())
    throw OptionError(
        fmt::format("tune finds nothing to try for model {}{}", row.name,
                    row.options.empty() ? "" : " besides the options that are given"));
  return space;
}

const ModelOption* find_option(const ModelRow& row, const std::string& name) {
  for (const OptionDefault& known : row.options) {
    if (known.option->name == name) return known.option;
  }
  return nullptr;
}

// The model's own values, where they stand for themselves; otherwise the first that is offered.
OptionValues standard_values(const std::vector<TunedOption>& space, const TrainingSetup& setup) {
  OptionValues values;
  for (const TunedOption& option : space) {
    const ModelOption* known = find_option(*setup.row, option.name);
    if (known == nullptr)
      values[option.name] = loop_option(setup.options.loop, option.name);
    else if (setup.options.settings.is_auto(*known))
      values[option.name] = option.values.front();
    else
      values[option.name] = setup.options.settings.text(*known);
  }
  return values;
}

FitOptions with_values(const FitOptions& standard, const ModelRow& row,
                       const OptionValues& values) {
  FitOptions options = standard;
  for (const auto& [name, value] : values) {
    if (const ModelOption* known = find_option(row, name))
      options.settings.set(*known, value);
    else
      set_loop_option(options.loop, name, value);
  }
  return options;
}

// Fits models to the validation split's training and judges them on its cases.
class Trials {
 public:
  Trials(const TrainingSetup& setup, Progress& progress)
      : setup_(setup),
        progress_(progress),
        validation_(validation_of(setup.split(), setup.options)),
        inputs_(inputs_of(validation_, setup.options)) {}

  TrialOutcome operator()(const OptionValues& values, int epochs,
                          const std::function<bool()>& is_over) {
    const FitOptions options = with_values(setup_.options, *setup_.row, values);
    const std::string part = fmt::format("trial {}", ++count_);
    return setup_.row->is_neural() ? of_network(options, epochs, is_over, part)
                                   : of_others(options, part);
  }

 private:
  TrialOutcome of_others(const FitOptions& options, const std::string& part) {
    progress_.begin(part);
    const auto fitted = setup_.row->fit(options.settings, inputs_, shown_on(progress_));
    const Judgement judgement = Judge(validation_, setup_.options)(*fitted);
    progress_.end(judgement.text);
    return {judgement.value, judgement.among_equals, 0, judgement.text};
  }

  TrialOutcome of_network(const FitOptions& options, int epochs,
                          const std::function<bool()>& is_over, const std::string& part) {
    LoopOptions loop = options.loop;
    loop.epochs = epochs;
    loop.part = part + ", ";
    const Judge judge(validation_, setup_.options);
    TrialOutcome best;
    int epoch = 0;
    fit_network(*setup_.row, options.settings, inputs_, loop, progress_, nullptr,
                [&](const NeuralModel& model) {
                  if (epoch > 0 && is_over()) throw TimeIsUp("the time is up");
                  Judgement judgement = judge(model);
                  ++epoch;
                  if (epoch == 1 || std::tie(judgement.value, judgement.among_equals) >
                                        std::tie(best.value, best.among_equals))
                    best = {judgement.value, judgement.among_equals, epoch, judgement.text};
                  return judgement;
                });
    return best;
  }

  const TrainingSetup& setup_;
  Progress& progress_;
  Split validation_;
  ModelInputs inputs_;
  int count_ = 0;
};

// What was given of the model and its training, and so was the same in all trials.
OptionValues given_values(const po::variables_map& given, const TrainingSetup& setup) {
  OptionValues values;
  for (const OptionDefault& known : setup.row->options) {
    const std::string name(known.option->name);
    if (is_given(given, name)) values[name] = setup.options.settings.text(*known.option);
  }
  for (const std::string& name : loop_option_names()) {
    if (is_given(given, name)) values[name] = loop_option(setup.options.loop, name);
  }
  return values;
}

std::string options_file(const TrialResult& best, const OptionValues& fixed, const ModelRow& row,
                         double seconds, int trials) {
  std::string text = fmt::format("# the best of {} trials in {:.0f} s: validation {}\nmodel = {}\n",
                                 trials, seconds, best.outcome.text, row.name);
  for (const OptionValues* values : {&fixed, &best.options}) {
    for (const auto& [name, value] : *values) text += fmt::format("{} = {}\n", name, value);
  }
  if (best.outcome.best_epochs > 0) text += fmt::format("epochs = {}\n", best.outcome.best_epochs);
  return text;
}

}  // namespace

int run_tune(const std::vector<std::string>& arguments) {
  const auto given = parse(description(), arguments);
  if (!given) return 0;
  std::vector<std::string> outputs;
  for (const char* name : {"out", "trials-out", "svg"}) {
    if (given->contains(name)) outputs.push_back((*given)[name].as<std::string>());
  }
  HalvingOptions options{.seconds = 60.0 * bounded(*given, "minutes", 0.01, 1e6)};
  set_bounded(options.trials, *given, "trials", 1, 100000);
  refuse_given(*given,
               {"epochs", "max-epochs", "patience", "tolerance", "checkpoint", "resume", "curves"},
               "in tune, which trains each trial for a number of epochs of its own");
  Progress progress(given->contains("quiet"));
  const TrainingSetup setup = read_training(*given, outputs, progress);
  const std::vector<TunedOption> space = search_space(*given, *setup.row);
  options.seed = setup.options.loop.seed;
  if (!setup.row->is_neural()) options.first_epochs = 0;
  Trials trials(setup, progress);
  const std::vector<TrialResult> results =
      successive_halving(standard_values(space, setup), space, options, std::ref(trials));
  const TrialResult& best = best_of(results);
  double seconds = 0.0;
  int drawn = 0;
  for (const TrialResult& one : results) {
    seconds += one.seconds;
    drawn = std::max(drawn, one.trial);
  }
  write_text_file(outputs.front(),
                  options_file(best, given_values(*given, setup), *setup.row, seconds, drawn));
  if (given->contains("trials-out"))
    write_text_file((*given)["trials-out"].as<std::string>(), to_csv(results));
  if (given->contains("svg"))
    write_text_file((*given)["svg"].as<std::string>(),
                    to_svg(results, fmt::format("{}: validation {}", setup.row->name,
                                                predicts_ratings(setup.options) ? "-RMSE"
                                                : setup.options.by_ndcg         ? "NDCG"
                                                                                : "HR")));
  nlohmann::json json = {{"model", setup.row->name},
                         {"options", best.options},
                         {"epochs", best.outcome.best_epochs},
                         {"validation", best.outcome.value},
                         {"trials", drawn},
                         {"trainings", results.size()},
                         {"seconds", seconds},
                         {"file", outputs.front()}};
  std::string text =
      fmt::format("{}: {} trials, {} trainings, {:.0f} s; the best: validation {}\n",
                  setup.row->name, drawn, results.size(), seconds, best.outcome.text);
  for (const auto& [name, value] : best.options) text += fmt::format("  --{} {}\n", name, value);
  text +=
      fmt::format("train --options {} trains it on everything, and tests it\n", outputs.front());
  std::cout << (given->contains("json") ? json_line(json) : text);
  return 0;
}

}  // namespace tapegrad::apps
