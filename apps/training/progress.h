// What a person sees while a model trains.
#pragma once

#include <chrono>
#include <string>

#include <tapegrad/graph/dtype.h>

namespace tapegrad::apps {

// A bar with loss, samples a second and the time left where stderr is a terminal; a line an epoch elsewhere; nothing if quiet.
class Progress {
 public:
  explicit Progress(bool quiet);
  // Begins a part, such as "epoch 3".
  void begin(const std::string& name);
  void update(Index done, Index all, double loss);
  // Ends the part with what there is to say about it.
  void end(const std::string& text);
  // Says what went wrong though the run goes on; also if quiet.
  void warn(const std::string& text);

 private:
  using Clock = std::chrono::steady_clock;
  bool quiet_;
  bool terminal_;
  std::string name_;
  Clock::time_point start_, shown_;
};

}  // namespace tapegrad::apps
