// tg-recommend tune
#include <functional>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include <tapegrad/apps/command_line/command_line.h>
#include <tapegrad/apps/command_line/tune_command.h>
#include <tapegrad/apps/training/fit_network.h>
#include <tapegrad/apps/training/validation.h>
#include <tapegrad/apps/tuning/best_epoch.h>

#include "commands.h"
#include "training_setup.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description tune_description() {
  po::options_description all = options_group(
      "tg-recommend tune: looks for good options of a model by successive halving on validation");
  add_help(all);
  add_tune_options(all);
  add_training_options(all);
  return all;
}

TunedModel tuned_model(const TrainingSetup& setup) {
  return {.name = setup.row->name,
          .options = &setup.row->options,
          .loop_options = setup.row->tuned_loop,
          .settings = setup.options.settings,
          .loop = setup.options.loop};
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
    FitOptions options = setup_.options;
    const TunedModel tried = tuned_model(setup_).with(values);
    options.settings = tried.settings;
    options.loop = tried.loop;
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
    BestEpoch best;
    fit_network(*setup_.row, options.settings, inputs_, loop, progress_, nullptr,
                [&](const NeuralModel& model) {
                  Judgement judgement = judge(model);
                  best.add(judgement, is_over);
                  return judgement;
                });
    return best.outcome();
  }

  const TrainingSetup& setup_;
  Progress& progress_;
  Split validation_;
  ModelInputs inputs_;
  int count_ = 0;
};

}  // namespace

int run_tune(const std::vector<std::string>& arguments) {
  const auto given = parse(tune_description(), arguments);
  if (!given) return 0;
  Progress progress(given->contains("quiet"));
  const HalvingOptions options =
      halving_options(*given, model_row((*given)["model"].as<std::string>()).is_neural());
  const TrainingSetup setup = read_training(*given, tune_outputs(*given), progress);
  const TunedModel model = tuned_model(setup);
  const std::vector<TunedOption> space = search_space(*given, model);
  Trials trials(setup, progress);
  const std::vector<TrialResult> results =
      successive_halving(standard_values(space, model), space, options, std::ref(trials));
  show_trials(*given, model, results,
              fmt::format("{}: validation {}", model.name,
                          predicts_ratings(setup.options) ? "-RMSE"
                          : setup.options.by_ndcg         ? "NDCG"
                                                          : "HR"));
  return 0;
}

}  // namespace tapegrad::apps
