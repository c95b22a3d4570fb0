#include "training_setup.h"

#include <iostream>

#include <fmt/format.h>

#include <tapegrad/apps/command_line/like_options.h>
#include <tapegrad/apps/command_line/loop_options.h>
#include <tapegrad/apps/command_line/row_options.h>
#include <tapegrad/apps/models/language_row.h>
#include <tapegrad/apps/models/purchase_model.h>
#include <tapegrad/apps/models/sequence_defaults.h>

#include "data_options.h"
#include "read_split.h"

namespace tapegrad::apps {
namespace {

namespace po = boost::program_options;

po::options_description network_options() {
  po::options_description model = row_options_description(
      "Models", sequence_rows(), sequence_options::all(),
      {task_defaults("purchase", purchase_rows()), task_defaults("language", language_rows())});
  model.add_options()(
      "no-refit",
      "keep the best weights of the choice of epochs, instead of training anew on everything");
  return model;
}

// The options that only some losses look at.
void refuse_without_loss(const po::variables_map& given, const ModelSettings& settings) {
  if (settings.is_auto(sequence_options::loss)) return;  // until the data are known
  const NextItemLoss loss = next_item_loss_of(settings.text(sequence_options::loss));
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
    refuse_given(given, {"no-refit", "baselines", "items", "features"}, with_model);
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

}  // namespace

std::vector<std::string> feature_inputs(const po::variables_map& given) {
  if (!given.contains("features")) refuse_given(given, {"items"}, "without --features");
  if (!given.contains("items")) return {};
  return {given["items"].as<std::string>()};
}

void add_training_options(po::options_description& description, const std::string& tasks) {
  description.add_options()(
      "task", po::value<std::string>()->value_name("NAME")->default_value("sessions"),
      tasks.c_str())("model", po::value<std::string>()->value_name("MODEL")->required(),
                     models_help(sequence_rows()).c_str())(
      "k", po::value<int>()->value_name("N"),
      "how long the list is that is judged, from 1 on; default: 20, with task next-item 10");
  add_sequence_data_options(description, true);
  add_min_rating(description);
  add_event_weights(
      description,
      "how much events of each type count as what comes next, such as "
      "view=1,cart=3,purchase=5; those of weight 0 are read and never predicted, those "
      "of the greatest weight are what is asked for in validation and test; default: "
      "all events count the same");
  add_run_options(description);
  description.add(network_options());
}

TrainingSetup read_training(const po::variables_map& given, const std::string& task,
                            const std::vector<std::string>& outputs, Progress& progress) {
  refuse_given(given, {"purchase-type"}, "with task " + task);
  const SequenceDataOptions data = sequence_data_options(given, task);
  TrainingSetup setup;
  setup.row = &sequence_row(given["model"].as<std::string>());
  setup.options = fit_options(given, *setup.row, data.histories);
  setup.likes = like_options(given);
  std::vector<std::string> inputs = feature_inputs(given);
  std::vector<std::string> written = outputs_of(setup.options.loop);
  written.insert(written.end(), outputs.begin(), outputs.end());
  for (const auto* sources : {&data.data, &data.train, &data.test})
    inputs.insert(inputs.end(), sources->begin(), sources->end());
  check_files(inputs, written);
  SequenceReader reader(given, data, setup.likes, "without --min-rating", progress);
  setup.split = reader.split(std::string(setup.row->name), setup.options.loop.seed);
  std::cerr << reader.told();
  if (setup.row->is_neural())
    refuse_without_loss(given, decided(*setup.row, setup.options.settings, setup.split.training));
  return setup;
}

}  // namespace tapegrad::apps
