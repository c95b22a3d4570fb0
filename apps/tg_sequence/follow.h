// Answers to events as they come.
#pragma once

#include <iosfwd>

#include <tapegrad/apps/models/sequence_file.h>

namespace tapegrad::apps {

struct FollowOptions {
  int k = 20;
  bool repeats = false;  // whether items of the session are listed
  bool json = false;
  Index most_sessions = 100'000;  // that are kept
};

// Reads events, one a line: the session and the item with a tab between, or a JSON object with
// "session", "item" and, where known, "time" in seconds and "type". Each is answered at once by a
// line: the session, a tab and the next items with tabs between, best first, or a JSON object. A
// line that is no event, or whose item the model does not know, is answered by an empty list, and
// told on `errors`.
void follow(const StoredSequenceModel& model, const FollowOptions& options, std::istream& events,
            std::ostream& answers, std::ostream& errors);

}  // namespace tapegrad::apps
