// The options that say which part of the events is the test.
#pragma once

#include <optional>

#include <boost/program_options.hpp>

namespace tapegrad::apps {

// --test-from in seconds, and --test-fraction; nothing where they are not given. Both throw
// OptionError for what is no time, or no fraction between 0 and 1; test_from() also where both are
// given.
std::optional<double> test_from(const boost::program_options::variables_map& given);
std::optional<double> test_fraction(const boost::program_options::variables_map& given);

}  // namespace tapegrad::apps
