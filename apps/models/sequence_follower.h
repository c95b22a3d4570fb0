// Sessions that go on while they are answered.
#pragma once

#include <limits>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

#include <tapegrad/apps/models/sequence_file.h>
#include <tapegrad/apps/models/tape_pool.h>

namespace tapegrad::apps {

// Keeps what a model knows of each session, and scores what comes next after each event. Of more
// sessions than it may keep it forgets those that nothing was heard of for longest.
class SequenceFollower {
 public:
  // The model must outlive it. Throws OptionError unless it may keep a session.
  SequenceFollower(const StoredSequenceModel& model, Index most_sessions);

  struct Event {
    std::int32_t item = 0;  // one that the model knows
    // Seconds; NaN where it is not known.
    double time = std::numeric_limits<double>::quiet_NaN();
    std::int16_t type = -1;
  };
  // Adds an event to a session, which is a new one if nothing is known of it, and scores all items
  // as the next one: the scores that a predictor gives for the whole history, but for rounding.
  std::span<const float> add(const std::string& session, const Event& event);
  // The items of the session so far.
  std::span<const std::int32_t> items_of(const std::string& session) const;

 private:
  struct Session {
    std::string name;
    std::vector<std::int32_t> items;
    std::vector<double> times;
    std::vector<std::int16_t> types;
    SequenceModel::Trace trace;
  };
  Session& session_of(const std::string& name);

  const StoredSequenceModel& model_;
  std::unique_ptr<NextItemPredictor> predictor_;  // of a model that is counted
  Index most_sessions_;
  Tape tape_;
  std::list<Session> sessions_;  // the one that was heard of last is the first
  std::unordered_map<std::string, std::list<Session>::iterator> places_;
  std::vector<float> scores_;
};

}  // namespace tapegrad::apps
