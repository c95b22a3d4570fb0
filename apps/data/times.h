// Times in words.
#pragma once

#include <string>

namespace tapegrad::apps {

// Seconds since 1970 as "2011-11-09", or with the time of day as "2011-11-09 10:00:00"; a number
// outside of the years 1973 to 2286, which may count something else than seconds, as it is.
std::string time_text(double seconds);

}  // namespace tapegrad::apps
