// What a person sees while a model trains.
#pragma once

#include <chrono>
#include <span>
#include <string>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

// A bar for a line of `width` columns, of which it takes at most width - 1: the name, the part that
// is done within [0, 1], and as many of the notes as fit, the first ones first. What does not fit
// is left out; a name that does not fit is cut.
std::string progress_line(const std::string& name, double part, std::span<const std::string> notes,
                          int width);

// A bar with the time left where stderr is a terminal; a line an epoch elsewhere; nothing if quiet.
class Progress {
 public:
  explicit Progress(bool quiet);
  // Leaves a line of its own to an error.
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // Begins a part, such as "epoch 3".
  void begin(const std::string& name);
  void update(Index done, Index all);
  // With the loss and samples a second.
  void update(Index done, Index all, double loss);
  // With what of the part is done just now.
  void update_part(const std::string& what, Index done, Index all);
  // Ends the part with what there is to say about it.
  void end(const std::string& text);
  // Says what went wrong though the run goes on; also if quiet.
  void warn(const std::string& text);
  // Ends it without a word.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  bool is_due();
  void show_count(Index done);
  void show(Index done, Index all, std::string note, bool with_time_left = true);
  std::string doing_;
  bool quiet_;
  bool terminal_;
  bool is_open_ = false;  // a bar stands on the line
  std::string name_;
  Clock::time_point start_, shown_;
};

}  // namespace tapegrad::apps
