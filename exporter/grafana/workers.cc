#include "grafana/workers.h"

#include <algorithm>
#include <exception>
#include <thread>
#include <vector>

namespace usage::grafana {

void ForEach(size_t count, int parallel, Session& session,
             const std::function<void(Client&, size_t)>& work) {
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::exception_ptr fault;
  auto run = [&] {
    try {
      Client client(session);
      for (size_t i = next++; i < count; i = next++) work(client, i);
    } catch (...) {
      next = count;
      std::lock_guard lock(mutex);
      if (!fault) fault = std::current_exception();
    }
  };
  std::vector<std::jthread> threads;
  const size_t most = std::min(count, static_cast<size_t>(parallel));
  for (size_t i = 0; i < most; ++i) threads.emplace_back(run);
  threads.clear();  // joins
  if (fault) std::rethrow_exception(fault);
}

}  // namespace usage::grafana
