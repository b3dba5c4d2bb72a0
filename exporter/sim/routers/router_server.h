// Listens for fake routers on 127.0.0.1, all of them in one process.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "sim/routers/certificates.h"
#include "sim/routers/router_service.h"

namespace usage::sim {

enum class DoorKind { kApi, kRest };

// Where one router listens.
struct RouterDoor {
  DoorKind kind = DoorKind::kApi;
  RouterService* service = nullptr;   // must outlive the server
  int port = 0;                       // 0: any free one
  std::shared_ptr<SSL_CTX> tls;       // none: plain
  std::shared_ptr<SSL_CTX> next_tls;  // from when on `is_changed` says true
  std::function<bool()> is_changed;
};

// One thread waits at all doors; each connection has one of its own, so that the faults of one
// router hold up no other.
class RouterServer {
 public:
  RouterServer();
  ~RouterServer();
  RouterServer(const RouterServer&) = delete;
  RouterServer& operator=(const RouterServer&) = delete;

  // Before Start. Returns the port. Throws std::system_error.
  int Open(RouterDoor door);
  void Start();

 private:
  class Connection;
  struct Listener {
    int socket;
    RouterDoor door;
  };

  void Wait();
  void Admit(const Listener& listener);
  void TendConnections();

  std::vector<Listener> listeners_;
  std::list<std::unique_ptr<Connection>> connections_;
  int stop_[2] = {-1, -1};  // a pipe that wakes the thread
  std::thread thread_;
};

}  // namespace usage::sim
