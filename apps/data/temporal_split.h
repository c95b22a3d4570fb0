// One time for all users: what comes after it is the test.
#pragma once

#include <optional>
#include <string>

#include <tapegrad/apps/data/split.h>

namespace tapegrad::apps {

// Where the test begins.
struct TemporalCut {
  double fraction = 0.1;         // the last part of all events is the test
  std::optional<double> time{};  // the test is what happened then or later, in seconds
};

// "temporal 0.1" or "temporal from 2011-11-09", as Split::protocol has it; and back. Reading throws
// OptionError for another text.
std::string protocol_of(const TemporalCut& cut);
TemporalCut temporal_cut_of(const std::string& protocol);

// Protocol `temporal`: the events from `cut.time` on, or the last `cut.fraction` of all events by
// time (rounded, at least one; ties in file order), are the test.
//
// For each user with training events the distinct items of its targets in the test are relevant,
// ranked among all items; with Repeats::drop those that are not in its training, among all items
// that are not. Items that no training event has can be among them. Throws OptionError unless 0 <
// fraction < 1, DataError for events without times, where one of the parts has no event, and when
// no user can be tested.
Split temporal_split(const Interactions& interactions, const TemporalCut& cut = {},
                     Repeats repeats = Repeats::drop);

// The split of events into a training part and a test, whose rows are `is_test`: what
// temporal_split makes, with protocol and description left empty. `what` is the protocol for
// errors.
Split split_by_rows(const Interactions& interactions, const std::vector<bool>& is_test,
                    Repeats repeats, const std::string& what);

}  // namespace tapegrad::apps
