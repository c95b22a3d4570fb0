#include <tapegrad/apps/training/interrupt.h>

#include <algorithm>
#include <atomic>
#include <csignal>

#include <unistd.h>

namespace tapegrad::apps {
namespace {

// The system may choose any thread to run the handler.
std::atomic<bool> noted{false};
static_assert(std::atomic<bool>::is_always_lock_free);
struct sigaction before_interrupt, before_terminate, before_hangup;

void note(int) { noted.store(true, std::memory_order_relaxed); }

// What is ignored stays so: nohup asks for that.
void note_unless_ignored(int signal, struct sigaction& before) {
  struct sigaction action = {};
  action.sa_handler = note;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_ONSTACK);
  sigaction(signal, nullptr, &before);
  if (before.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);
}

}  // namespace

InterruptGuard::InterruptGuard()
    : stack_(static_cast<std::size_t>(std::max(sysconf(_SC_SIGSTKSZ), 65536L))) {
  noted = false;
  // oneDNN's products move the stack pointer into a block of the heap: a handler on that stack
  // would write over what lies below.
  stack_t own = {};
  own.ss_sp = stack_.data();
  own.ss_size = stack_.size();
  sigaltstack(&own, &before_);
  note_unless_ignored(SIGINT, before_interrupt);
  note_unless_ignored(SIGTERM, before_terminate);
  note_unless_ignored(SIGHUP, before_hangup);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &before_interrupt, nullptr);
  sigaction(SIGTERM, &before_terminate, nullptr);
  sigaction(SIGHUP, &before_hangup, nullptr);
  sigaltstack(&before_, nullptr);
}

bool InterruptGuard::came() const { return noted.load(std::memory_order_relaxed); }

}  // namespace tapegrad::apps
