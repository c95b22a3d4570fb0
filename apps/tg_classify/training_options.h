// The options of the commands that train: train and tune.
#pragma once

#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include "task.h"

namespace tapegrad::apps {

// What is classified, the model, the examples and the columns.
void add_training_options(boost::program_options::options_description& description);
// The options of the models of all tasks, and --class-weights, --precision and --no-refit.
boost::program_options::options_description classifier_options_description();

struct ClassifierFitOptions {
  ModelSettings settings;
  ExampleFitOptions examples;
};
// Throws OptionError for what makes no sense, or has no effect with the model.
ClassifierFitOptions fit_options(const boost::program_options::variables_map& given,
                                 const TrainingTask& task, const ClassifierRow& row);

// For before anything is read: throws as check_files() does, with `outputs` besides those of the
// loop.
void check_run_files(const boost::program_options::variables_map& given, const LoopOptions& loop,
                     std::vector<std::string> outputs);

}  // namespace tapegrad::apps
