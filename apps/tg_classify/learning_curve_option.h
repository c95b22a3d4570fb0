// --learning-curve: whether more data would help.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <boost/program_options.hpp>
#include <nlohmann/json_fwd.hpp>

#include "task.h"
#include "tested_classifier.h"
#include "training_options.h"

namespace tapegrad::apps {

void add_learning_curve_option(boost::program_options::options_description& description);
// The file that it names, empty without it. Throws OptionError for an ending that is no format.
std::string learning_curve_file(const boost::program_options::variables_map& given);

// A model of a part of the training, on the whole test.
struct SizeOfTraining {
  Index examples = 0;
  TestedClassifier tested;
};

// Fits the model to an eighth, a quarter and a half of a round's training, in which each class has
// its share and which lie one in the other; parts of fewer than 20 examples are left out.
std::vector<SizeOfTraining> fit_to_parts(const TrainingTask& task, const std::string& name,
                                         const ClassifierFitOptions& options,
                                         const Examples::Round& round, Progress& progress);

// An array by size, and lines of text.
nlohmann::json sizes_json(std::span<const SizeOfTraining> sizes);
std::string sizes_text(std::span<const SizeOfTraining> sizes);
// Accuracy and log loss by the number of examples: a picture, or a table, as the file's ending
// says.
void write_learning_curve(const std::string& file, std::span<const SizeOfTraining> sizes);

}  // namespace tapegrad::apps
