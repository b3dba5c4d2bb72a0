// Tries again what Grafana failed at.
#pragma once

#include <thread>

#include "grafana/client.h"

namespace usage::grafana {

// Runs `call` until it gives an answer below 500, five times at most, with pauses that double;
// returns the last answer or throws the last GrafanaError. `call` must be one that may be said
// again: after a lost answer nobody knows whether it took effect.
template <typename Call>
Answer Patiently(Call call) {
  constexpr int kTries = 5;
  auto pause = std::chrono::milliseconds(50);
  for (int left = kTries - 1;; --left, pause *= 2) {
    try {
      Answer answer = call();
      if (answer.status < 500 || left == 0) return answer;
    } catch (const GrafanaError&) {
      if (left == 0) throw;
    }
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace usage::grafana
