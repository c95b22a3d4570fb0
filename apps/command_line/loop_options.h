// The options of the training loop, the same in all programs.
#pragma once

#include <string>
#include <vector>

#include <boost/program_options.hpp>

#include <tapegrad/apps/training/training_loop.h>

namespace tapegrad::apps {

// --seed, --threads and --quiet, which all models take.
void add_run_options(boost::program_options::options_description& description);
boost::program_options::options_description loop_options_description();

std::uint64_t seed_of(const boost::program_options::variables_map& given);

// What is not given is as in `standard`. Throws OptionError for what makes no sense, or has no
// effect.
LoopOptions loop_options(const boost::program_options::variables_map& given, LoopOptions standard);

// The files that a run with these options writes.
std::vector<std::string> outputs_of(const LoopOptions& loop);

// What must be the same for a checkpoint of the loop to go on.
std::string identity_of(const LoopOptions& loop);

}  // namespace tapegrad::apps
