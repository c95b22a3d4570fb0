// What the commands do with task purchase.
#pragma once

#include <string>

#include <boost/program_options.hpp>

namespace tapegrad::apps {

// Each takes the options that the command was given and returns its exit code.
int train_purchase(const boost::program_options::variables_map& given);
int evaluate_purchase(const boost::program_options::variables_map& given);
int predict_purchase(const boost::program_options::variables_map& given);

}  // namespace tapegrad::apps
