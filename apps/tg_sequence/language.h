// What the commands do with task language.
#pragma once

#include <string>

#include <boost/program_options.hpp>

namespace tapegrad::apps {

// The options of a training that only this task looks at.
boost::program_options::options_description language_options_description();

// Each takes the options that the command was given and returns its exit code; `description` has
// all options of the command.
int train_language(const boost::program_options::variables_map& given,
                   const boost::program_options::options_description& description);
int evaluate_language(const boost::program_options::variables_map& given,
                      const boost::program_options::options_description& description);

}  // namespace tapegrad::apps
