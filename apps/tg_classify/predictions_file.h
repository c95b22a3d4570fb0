// --predictions: what a model says of the examples that it is tested on.
#pragma once

#include <span>
#include <string>

#include <boost/program_options.hpp>

#include "examples.h"
#include "tested_classifier.h"

namespace tapegrad::apps {

void add_predictions_option(boost::program_options::options_description& description);

// A line an example, in the order of the rounds and of their tests: its number, that of its fold,
// and for each target the true label and the probability of each class, or the predicted number.
// `tested` has a model for each round.
std::string predictions_csv(const Examples& examples, std::span<const Target> targets,
                            std::span<const TestedClassifier> tested);

}  // namespace tapegrad::apps
