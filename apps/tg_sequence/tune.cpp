// tg-sequence tune
#include <fmt/format.h>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/loop_options.h>
#include <tapegrad/apps/command_line/tune_command.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/tuning/best_epoch.h>

#include "commands.h"
#include "training_setup.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description tune_description() {
  po::options_description all = options_group(
      "tg-sequence tune: looks for good options of a model by successive halving on validation");
  add_help(all);
  add_tune_options(all);
  add_training_options(all,
                       "what is predicted: the next item of sessions (sessions) or of users "
                       "(next-item)");
  all.add(loop_options_description());
  return all;
}

}  // namespace

int run_tune(const std::vector<std::string>& arguments) {
  const auto given = parse(tune_description(), arguments);
  if (!given) return 0;
  const auto task = (*given)["task"].as<std::string>();
  if (task != "sessions" && task != "next-item")
    throw OptionError(fmt::format("tune knows the tasks sessions and next-item, got {}", task));
  refuse_given(*given, {"no-refit"}, "in tune, which does not train anew on everything");
  const HalvingOptions options =
      halving_options(*given, sequence_row((*given)["model"].as<std::string>()).is_neural());
  Progress progress(given->contains("quiet"));
  const TrainingSetup setup = read_training(*given, task, tune_outputs(*given), progress);
  const TunedModel model{.name = setup.row->name,
                         .options = &setup.row->options,
                         .loop_options = setup.row->tuned_loop,
                         .settings = setup.options.settings,
                         .loop = setup.options.loop};
  const std::vector<TunedOption> space = search_space(*given, model);
  int trial = 0;
  const auto run = [&](const OptionValues& values, int epochs,
                       const std::function<bool()>& is_over) {
    const TunedModel tried = model.with(values);
    SequenceFitOptions how = setup.options;
    how.settings = tried.settings;
    how.loop = tried.loop;
    how.loop.epochs = epochs;
    how.loop.part = fmt::format("trial {}, ", ++trial);
    BestEpoch best;
    try_sequence(*setup.row, setup.split, how, progress,
                 [&](const Judgement& judgement) { best.add(judgement, is_over); });
    TrialOutcome outcome = best.outcome();
    if (!setup.row->is_neural()) outcome.best_epochs = 0;
    return outcome;
  };
  show_trials(*given, model, successive_halving(standard_values(space, model), space, options, run),
              fmt::format("{}: validation {}@{}", model.name,
                          name_of(validated_measure(setup.split)), setup.options.k));
  return 0;
}

}  // namespace tapegrad::apps
