// SIGINT, SIGTERM and SIGHUP as a question: did one come?
#pragma once

#include <csignal>
#include <cstddef>
#include <vector>

namespace tapegrad::apps {

// While it lives, those of SIGINT, SIGTERM and SIGHUP that are not ignored are noted; a second one
// ends the program as usual. One at a time, on the thread that trains.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  bool came() const;

 private:
  std::vector<std::byte> stack_;  // of the handler
  stack_t before_ = {};
};

}  // namespace tapegrad::apps
