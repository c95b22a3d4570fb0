// The function that the user called, for errors.
#pragma once

#include <string_view>

#include <tapegrad/graph/tape.h>

namespace tapegrad {

// What a function that records several operations begins with. Errors of recording and running
// these name the function instead; if it ends by an exception, what it recorded is taken back. Of
// several that live at once the outermost counts: the function that the user called. `name` must
// stay.
class CalledAs {
 public:
  CalledAs(Tape& tape, std::string_view name);
  ~CalledAs();
  CalledAs(const CalledAs&) = delete;
  CalledAs& operator=(const CalledAs&) = delete;

 private:
  Tape& tape_;
  bool outermost_;
  int exceptions_;
  NodeId recording_for_;
  Tape::Mark mark_;
};

}  // namespace tapegrad
