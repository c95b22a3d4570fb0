// What the commands share that fit models to a shop's events.
#pragma once

#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/models/model_file.h>
#include <tapegrad/apps/models/registry.h>
#include <tapegrad/apps/training/fit_interactions.h>

#include "read_data.h"

namespace tapegrad::apps {

// --model, the options of the data, of features, of all models and of the training loop.
void add_training_options(boost::program_options::options_description& description);

// What these options say, with what was read.
struct TrainingSetup {
  const ModelRow* row = nullptr;
  FitOptions options;
  DataOptions data;
  ReadData read;
  std::vector<std::string> titles;  // by item; empty without titles
  double available_memory = 0.0;    // in bytes: --memory, or what the machine has free

  const Split& split() const { return read.split; }
  // The model before it is fitted.
  StoredModel model() const;
};

// Reads everything, and tells on stderr what was read. Throws OptionError for options without
// effect and where one of `outputs` is also an input.
TrainingSetup read_training(const boost::program_options::variables_map& given,
                            const std::vector<std::string>& outputs, Progress& progress);

}  // namespace tapegrad::apps
