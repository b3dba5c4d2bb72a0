// What a fake router knows, whatever protocol it is asked by.
#pragma once

#include <string>
#include <vector>

#include "core/router_reading.h"

namespace usage::sim {

// A subscriber who is online at the router.
struct ModelSession {
  Access access = Access::kHotspot;
  std::string user;  // bytes, perhaps latin-1
  uint64_t mac = 0;
  std::string address;
  std::string session_id;  // Acct-Session-Id
  std::chrono::seconds uptime{0};
  Volume bytes;
  uint64_t upload_packets = 0, download_packets = 0;
};

struct ModelState {
  std::string identity, version, board;
  std::chrono::seconds uptime{0};
  double cpu_load = 0;  // 0 to 1
  uint64_t free_memory = 0, total_memory = 0;
  std::vector<RouterInterface> uplinks;
  std::vector<ModelSession> sessions;
};

// Thread-safe: servers ask from threads of their own.
class RouterModel {
 public:
  virtual ~RouterModel() = default;
  virtual ModelState Now() const = 0;
};

}  // namespace usage::sim
