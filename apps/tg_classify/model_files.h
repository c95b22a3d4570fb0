// --model-file of the commands that take several models, whose answers are averaged.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include "task.h"

namespace tapegrad::apps {

void add_model_files_option(boost::program_options::options_description& description);
std::vector<std::string> model_files(const boost::program_options::variables_map& given);

// The model of one file, or an ensemble of several: its probabilities are the means of those of its
// members, each with its own temperature, its threshold is the mean of theirs, and the numbers that
// it predicts are the means of theirs. Source: Hansen & Salamon, "Neural network ensembles", IEEE
// PAMI 1990. Throws Error for a file that is none of a classifier, and OptionError for models that
// do not predict the same.
std::unique_ptr<SavedClassifier> load_classifiers(const std::vector<std::string>& paths);

}  // namespace tapegrad::apps
