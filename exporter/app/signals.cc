#include "app/signals.h"

#include <signal.h>

namespace usage {
namespace {

sigset_t Awaited() {
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

}  // namespace

void BlockSignals() {
  const sigset_t signals = Awaited();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

void WaitForTheEnd(const std::function<void()>& reload) {
  const sigset_t signals = Awaited();
  for (int signal = 0;;) {
    if (sigwait(&signals, &signal) != 0) continue;
    if (signal != SIGHUP) return;
    reload();
  }
}

}  // namespace usage
