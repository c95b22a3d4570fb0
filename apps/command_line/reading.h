// What a run says about the files that it reads.
#pragma once

#include <span>
#include <string>

#include <boost/program_options.hpp>

#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/data/likes.h>
#include <tapegrad/apps/training/progress.h>

namespace tapegrad::apps {

// The first and the last of the times, such as "from 2015-01-31 08:00:00 to 2015-02-01 09:30:00";
// numbers that are no seconds of 1973 to 2286 stay numbers. "without times" for none.
std::string describe_times(std::span<const double> times);

// What was read, in a line: file, rows, columns, `counts` (such as "3 users, 4 items"), and what
// was skipped. If quiet, only what was skipped. A first line that may have been misunderstood is
// told on another.
std::string describe_read(const std::string& path, const ReadReport& report,
                          const std::string& counts, bool quiet);

// A line that says that there are ratings of 0 and below that count like the others; empty if there
// are none.
std::string describe_not_positive(const std::string& path, Index count, Index rows);

// Lines about what the events are: how many of each type, cancelled orders, prices that are none,
// and ids that differ in blanks or case only. Empty where there is nothing to tell.
std::string describe_events(const std::string& path, const Interactions& events,
                            const LikeOptions& likes);

// Shows on a terminal how far the reading of `path` is.
void show_reading(TableOptions& options, Progress& progress, const std::string& path);

}  // namespace tapegrad::apps
