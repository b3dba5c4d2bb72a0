// Several connections to Grafana that share a list of work.
#pragma once

#include <cstddef>
#include <functional>

#include "grafana/client.h"

namespace usage::grafana {

// Calls `work` for each index below `count`, in order of their beginning, on up to `parallel`
// threads with a Client each; returns when all have ended. `work` must be thread-safe. What it
// throws ends the rest, and is thrown here.
void ForEach(size_t count, int parallel, Session& session,
             const std::function<void(Client&, size_t)>& work);

}  // namespace usage::grafana
