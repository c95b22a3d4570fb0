// tg-classify tune
#include <fmt/format.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/loop_options.h>
#include <tapegrad/apps/command_line/tune_command.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/models/registry_rows.h>
#include <tapegrad/apps/tuning/best_epoch.h>

#include "commands.h"
#include "training_options.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description tune_description() {
  po::options_description all = options_group(
      "tg-classify tune: looks for good options of a network by successive halving on validation");
  add_help(all);
  add_tune_options(all);
  add_training_options(all);
  all.add(classifier_options_description()).add(loop_options_description());
  return all;
}

}  // namespace

int run_tune(const std::vector<std::string>& arguments) {
  const auto parsed = parse(tune_description(), arguments);
  if (!parsed) return 0;
  const po::variables_map& given = *parsed;
  const auto name = given["model"].as<std::string>();
  const std::unique_ptr<TrainingTask> task = make_task(given["task"].as<std::string>());
  const std::vector<ClassifierRow> rows = task->rows();
  const ClassifierRow& row = row_named(rows, name);
  if (!row.is_neural())
    throw OptionError(
        fmt::format("tune looks for options of neural networks, and {} is none: its options are "
                    "chosen by train",
                    name));
  refuse_given(given, {"no-refit"}, "in tune, which does not train anew on everything");
  refuse_given(given, {"folds"}, "in tune, which tries on one validation part");
  const HalvingOptions options = halving_options(given, true);
  const ClassifierFitOptions fit = fit_options(given, *task, row);
  if (fit.settings.is_auto(classifier_options::batch))
    throw OptionError("--batch auto has no effect in tune, which tries sizes by itself");
  check_run_files(given, fit.examples.loop, tune_outputs(given));
  Progress progress(given.contains("quiet"));
  task->read(given, progress);
  // Numbers have no classes to smooth.
  std::vector<OptionDefault> known = row.options;
  if (predicts_numbers(row, fit.settings))
    std::erase_if(known, [](const OptionDefault& own) {
      return own.option == &classifier_options::label_smoothing;
    });
  const TunedModel model{.name = row.name,
                         .options = &known,
                         .loop_options = row.tuned_loop,
                         .settings = fit.settings,
                         .loop = fit.examples.loop};
  const std::vector<TunedOption> space = search_space(given, model);
  int trial = 0;
  const auto run = [&](const OptionValues& values, int epochs,
                       const std::function<bool()>& is_over) {
    const TunedModel tried = model.with(values);
    ExampleFitOptions how = fit.examples;
    how.loop = tried.loop;
    how.loop.epochs = epochs;
    how.loop.part = fmt::format("trial {}, ", ++trial);
    BestEpoch best;
    how.judged = [&](const Judgement& judgement) { best.add(judgement, is_over); };
    task->fit(name, tried.settings, how, task->examples().rounds.front().training, progress);
    return best.outcome();
  };
  show_trials(given, model, successive_halving(standard_values(space, model), space, options, run),
              fmt::format("{}: validation", name));
  return 0;
}

}  // namespace tapegrad::apps
