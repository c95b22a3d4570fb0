#include <tapegrad/apps/command_line/tune_command.h>

#include <algorithm>
#include <iostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/loop_options.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/text_file.h>
#include <tapegrad/apps/evaluation/result.h>
#include <tapegrad/apps/models/loop_settings.h>

namespace tapegrad::apps {

namespace po = boost::program_options;

void add_tune_options(po::options_description& description) {
  description.add_options()(
      "out", po::value<std::string>()->value_name("FILE")->required(),
      "a file to save the best options to, which train takes with --options (required)")(
      "minutes", po::value<double>()->value_name("NUMBER")->default_value(10.0),
      "how many minutes the search may last, above 0")(
      "trials", po::value<int>()->value_name("N"),
      "how many sets of options are drawn and tried; with enough minutes the result is then the "
      "same in every run; default: as many as fit into the time")(
      "trials-out", po::value<std::string>()->value_name("FILE"),
      "a file for a table of all trials (CSV); default: none is written")(
      "svg", po::value<std::string>()->value_name("FILE"),
      "a file for a picture of all trials; default: none is written")(
      "json", "print a JSON object instead of text");
}

std::vector<std::string> tune_outputs(const po::variables_map& given) {
  std::vector<std::string> outputs;
  for (const char* name : {"out", "trials-out", "svg"}) {
    if (given.contains(name)) outputs.push_back(given[name].as<std::string>());
  }
  return outputs;
}

HalvingOptions halving_options(const po::variables_map& given, bool has_epochs) {
  HalvingOptions options{.seconds = 60.0 * bounded(given, "minutes", 0.01, 1e6)};
  set_bounded(options.trials, given, "trials", 1, 100000);
  refuse_given(given,
               {"epochs", "max-epochs", "patience", "tolerance", "checkpoint", "resume", "curves"},
               "in tune, which trains each trial for a number of epochs of its own");
  options.seed = seed_of(given);
  if (!has_epochs) options.first_epochs = 0;
  return options;
}

namespace {

const ModelOption* find_option(const TunedModel& model, const std::string& name) {
  for (const OptionDefault& known : *model.options) {
    if (known.option->name == name) return known.option;
  }
  return nullptr;
}

// What was given of the model and its training, and so was the same in all trials.
OptionValues given_values(const po::variables_map& given, const TunedModel& model) {
  OptionValues values;
  for (const OptionDefault& known : *model.options) {
    const std::string name(known.option->name);
    if (is_given(given, name)) values[name] = model.settings.text(*known.option);
  }
  for (const std::string& name : loop_option_names()) {
    if (is_given(given, name)) values[name] = loop_option(model.loop, name);
  }
  return values;
}

std::string options_file(const TrialResult& best, const OptionValues& fixed,
                         const TunedModel& model, double seconds, int trials) {
  std::string text = fmt::format("# the best of {} trials in {:.0f} s: validation {}\nmodel = {}\n",
                                 trials, seconds, best.outcome.text, model.name);
  for (const OptionValues* values : {&fixed, &best.options}) {
    for (const auto& [name, value] : *values) text += fmt::format("{} = {}\n", name, value);
  }
  if (best.outcome.best_epochs > 0) text += fmt::format("epochs = {}\n", best.outcome.best_epochs);
  return text;
}

}  // namespace

TunedModel TunedModel::with(const OptionValues& values) const {
  TunedModel changed = *this;
  for (const auto& [option, value] : values) {
    if (const ModelOption* known = find_option(*this, option))
      changed.settings.set(*known, value);
    else
      set_loop_option(changed.loop, option, value);
  }
  return changed;
}

std::vector<TunedOption> search_space(const po::variables_map& given, const TunedModel& model) {
  std::vector<TunedOption> space;
  const auto add = [&](std::string_view name, const std::vector<std::string_view>& values) {
    if (!values.empty() && !is_given(given, std::string(name)))
      space.push_back({std::string(name), {values.begin(), values.end()}});
  };
  for (const OptionDefault& known : *model.options)
    add(known.option->name, known.tuned.empty() ? known.grid : known.tuned);
  for (const TunedLoopOption& option : model.loop_options) add(option.name, option.values);
  if (space.empty())
    throw OptionError(
        fmt::format("tune finds nothing to try for model {}{}", model.name,
                    model.options->empty() ? "" : " besides the options that are given"));
  return space;
}

OptionValues standard_values(const std::vector<TunedOption>& space, const TunedModel& model) {
  OptionValues values;
  for (const TunedOption& option : space) {
    const ModelOption* known = find_option(model, option.name);
    if (known == nullptr)
      values[option.name] = loop_option(model.loop, option.name);
    else if (model.settings.is_auto(*known))
      values[option.name] = option.values.front();
    else
      values[option.name] = model.settings.text(*known);
  }
  return values;
}

void show_trials(const po::variables_map& given, const TunedModel& model,
                 const std::vector<TrialResult>& results, const std::string& title) {
  const TrialResult& best = best_of(results);
  double seconds = 0.0;
  int drawn = 0;
  for (const TrialResult& one : results) {
    seconds += one.seconds;
    drawn = std::max(drawn, one.trial);
  }
  const auto out = given["out"].as<std::string>();
  write_text_file(out, options_file(best, given_values(given, model), model, seconds, drawn));
  if (given.contains("trials-out"))
    write_text_file(given["trials-out"].as<std::string>(), to_csv(results));
  if (given.contains("svg"))
    write_text_file(given["svg"].as<std::string>(), to_svg(results, title));
  nlohmann::json json = {{"model", model.name},
                         {"options", best.options},
                         {"epochs", best.outcome.best_epochs},
                         {"validation", best.outcome.value},
                         {"trials", drawn},
                         {"trainings", results.size()},
                         {"seconds", seconds},
                         {"file", out}};
  std::string text = fmt::format("{}: {} trials, {} trainings, {:.0f} s; the best: validation {}\n",
                                 model.name, drawn, results.size(), seconds, best.outcome.text);
  for (const auto& [name, value] : best.options) text += fmt::format("  --{} {}\n", name, value);
  text += fmt::format("train --options {} trains it on everything, and tests it\n", out);
  std::cout << (given.contains("json") ? json_line(json) : text);
}

}  // namespace tapegrad::apps
