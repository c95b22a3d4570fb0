// Signals during training. Products run with the stack pointer in the heap, so a handler must have
// a stack of its own.
#include <doctest/doctest.h>

#include <csignal>

#include <tapegrad/apps/training/interrupt.h>

namespace {

bool on_own_stack = false;

}  // namespace

TEST_CASE("signals are noted on a stack of their own, and what was ignored stays ignored") {
  using tapegrad::apps::InterruptGuard;
  std::signal(SIGHUP, SIG_IGN);
  stack_t before = {};
  sigaltstack(nullptr, &before);
  {
    const InterruptGuard guard;
    struct sigaction action = {};
    for (const int signal : {SIGINT, SIGTERM}) {
      sigaction(signal, nullptr, &action);
      CHECK((action.sa_flags & SA_ONSTACK) != 0);
    }
    sigaction(SIGHUP, nullptr, &action);
    const bool ignored = action.sa_handler == SIG_IGN;
    CHECK(ignored);
    stack_t stack = {};
    sigaltstack(nullptr, &stack);
    CHECK((stack.ss_flags & SS_DISABLE) == 0);
    CHECK(stack.ss_sp != before.ss_sp);
    // A handler like the guard's, for a signal that no test uses.
    action = {};
    action.sa_handler = [](int) {
      stack_t now = {};
      sigaltstack(nullptr, &now);
      on_own_stack = (now.ss_flags & SS_ONSTACK) != 0;
    };
    action.sa_flags = SA_ONSTACK;
    sigaction(SIGUSR2, &action, nullptr);
    std::raise(SIGUSR2);
    CHECK(on_own_stack);
    std::signal(SIGUSR2, SIG_DFL);
    std::raise(SIGHUP);
    CHECK(!guard.came());
    std::raise(SIGTERM);
    CHECK(guard.came());
  }
  std::signal(SIGHUP, SIG_DFL);
  stack_t stack = {};
  sigaltstack(nullptr, &stack);
  CHECK(stack.ss_sp == before.ss_sp);
}
