// The options of trainings that say which events count, and how much.
#pragma once

#include <string>

#include <boost/program_options.hpp>

#include <tapegrad/apps/data/likes.h>

namespace tapegrad::apps {

// --min-rating and --event-weights alone.
void add_min_rating(boost::program_options::options_description& description);
void add_event_weights(boost::program_options::options_description& description, const char* text);
// --min-rating, --event-weights and --half-life.
void add_like_options(boost::program_options::options_description& description);
LikeOptions like_options(const boost::program_options::variables_map& given);

}  // namespace tapegrad::apps
