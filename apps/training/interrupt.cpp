#include <tapegrad/apps/training/interrupt.h>

#include <csignal>

namespace tapegrad::apps {
namespace {

volatile std::sig_atomic_t noted = 0;
struct sigaction before_interrupt, before_terminate, before_hangup;

void note(int) { noted = 1; }

}  // namespace

InterruptGuard::InterruptGuard() {
  noted = 0;
  struct sigaction action = {};
  action.sa_handler = note;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, &before_interrupt);
  sigaction(SIGTERM, &action, &before_terminate);
  sigaction(SIGHUP, &action, &before_hangup);
}

InterruptGuard::~InterruptGuard() {
  sigaction(SIGINT, &before_interrupt, nullptr);
  sigaction(SIGTERM, &before_terminate, nullptr);
  sigaction(SIGHUP, &before_hangup, nullptr);
}

bool InterruptGuard::came() const { return noted != 0; }

}  // namespace tapegrad::apps
