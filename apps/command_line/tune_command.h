// What the commands that look for good options of a model share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/models/model_options.h>
#include <tapegrad/apps/training/training_loop.h>
#include <tapegrad/apps/tuning/successive_halving.h>

namespace tapegrad::apps {

// --out, --minutes, --trials, --trials-out, --svg and --json.
void add_tune_options(boost::program_options::options_description& description);
// The files that are written, the best options first.
std::vector<std::string> tune_outputs(const boost::program_options::variables_map& given);
// Of the search. Throws OptionError for options of a training that trials decide themselves.
// `has_epochs`: trials are trainings of a network.
HalvingOptions halving_options(const boost::program_options::variables_map& given, bool has_epochs);

// A model with the settings that it was given.
struct TunedModel {
  std::string_view name;
  const std::vector<OptionDefault>* options = nullptr;  // of its row
  std::vector<TunedLoopOption> loop_options{};          // of its row, for networks
  ModelSettings settings{};
  LoopOptions loop{};

  // The same with these values.
  TunedModel with(const OptionValues& values) const;
};

// What was not given, among what the model's row offers. Throws OptionError where that is nothing.
std::vector<TunedOption> search_space(const boost::program_options::variables_map& given,
                                      const TunedModel& model);
// The model's own values, where they stand for themselves; otherwise the first that is offered.
OptionValues standard_values(const std::vector<TunedOption>& space, const TunedModel& model);

// Writes the files and prints the best trial. `title` stands over the picture.
void show_trials(const boost::program_options::variables_map& given, const TunedModel& model,
                 const std::vector<TrialResult>& results, const std::string& title);

}  // namespace tapegrad::apps
