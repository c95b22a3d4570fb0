// What train and tune share: the options of a training, and the data that they name.
#pragma once

#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/data/likes.h>
#include <tapegrad/apps/models/sequence_row.h>
#include <tapegrad/apps/training/fit_sequence.h>

namespace tapegrad::apps {

// --task, --model, --k, and the options of data, models and the training loop. `tasks` describes
// --task.
void add_training_options(boost::program_options::options_description& description,
                          const std::string& tasks);

// The table of --items, where there is one. Throws OptionError where nothing looks at it.
std::vector<std::string> feature_inputs(const boost::program_options::variables_map& given);

struct TrainingSetup {
  const SequenceRow* row = nullptr;
  SequenceFitOptions options;
  LikeOptions likes;
  SequenceSplit split;
};

// Reads the data of task sessions or next-item. Throws OptionError for options that have no effect,
// and where one of `outputs` is also read or cannot be written.
TrainingSetup read_training(const boost::program_options::variables_map& given,
                            const std::string& task, const std::vector<std::string>& outputs,
                            Progress& progress);

}  // namespace tapegrad::apps
