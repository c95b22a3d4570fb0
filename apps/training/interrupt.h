// SIGINT, SIGTERM and SIGHUP as a question: did one come?
#pragma once

namespace tapegrad::apps {

// While it lives, SIGINT, SIGTERM and SIGHUP are noted; a second one ends the program as usual. One at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  bool came() const;
};

}  // namespace tapegrad::apps
