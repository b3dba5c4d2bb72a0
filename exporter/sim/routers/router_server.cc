#include "sim/routers/router_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <system_error>

#include "sim/routers/api_session.h"
#include "sim/routers/rest_session.h"
#include "sim/routers/stream.h"

namespace usage::sim {
namespace {

[[noreturn]] void Fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// Signals are the main thread's. A client that has left is no reason to end: SIGPIPE stays pending
// here, and OpenSSL's write says it too.
void TakeNoSignals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

int Bind(int port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) Fail("socket of a router");
  int yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    int error = errno;
    close(listener);
    errno = error;
    Fail("port " + std::to_string(port) + " of a router");
  }
  return listener;
}

int PortOf(int listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

}  // namespace

// Serves one client in a thread of its own.
class RouterServer::Connection {
 public:
  Connection(int socket, const RouterDoor& door)
      : door_(door),
        context_(ContextOf(door)),
        stream_(socket, context_),
        thread_([this] { Serve(); }) {}
  ~Connection() {
    stream_.Cancel();
    thread_.join();
  }

  bool is_over() const { return is_over_; }
  // A router that goes down, or whose certificate changes, keeps no connection.
  void CutIfDue() {
    if (door_.service->is_off() || ContextOf(door_) != context_) stream_.Cancel();
  }

 private:
  static SSL_CTX* ContextOf(const RouterDoor& door) {
    bool is_changed = door.next_tls != nullptr && door.is_changed();
    return (is_changed ? door.next_tls : door.tls).get();
  }

  void Serve() {
    TakeNoSignals();
    if (door_.kind == DoorKind::kApi) {
      ApiSession(stream_, *door_.service).Run();
    } else {
      RestSession(stream_, *door_.service).Run();
    }
    stream_.Close();
    is_over_ = true;
  }

  const RouterDoor& door_;
  SSL_CTX* const context_;
  std::atomic<bool> is_over_ = false;
  SocketStream stream_;
  std::thread thread_;
};

RouterServer::RouterServer() = default;

RouterServer::~RouterServer() {
  if (thread_.joinable()) {
    close(stop_[1]);
    thread_.join();
    close(stop_[0]);
  }
  connections_.clear();
  for (const Listener& listener : listeners_) close(listener.socket);
}

// A router that is absent keeps its port, so that nobody else answers there.
int RouterServer::Open(RouterDoor door) {
  int listener = Bind(door.port);
  listeners_.push_back({listener, std::move(door)});
  bool is_absent = listeners_.back().door.service->has(RouterFault::kAbsent);
  if (!is_absent && listen(listener, 64) != 0) Fail("port of a router");
  return PortOf(listener);
}

void RouterServer::Start() {
  if (pipe2(stop_, O_CLOEXEC) != 0) Fail("pipe");
  thread_ = std::thread([this] { Wait(); });
}

void RouterServer::Wait() {
  TakeNoSignals();
  std::vector<pollfd> entries = {{stop_[0], POLLIN, 0}};
  std::vector<const Listener*> owners = {nullptr};
  for (const Listener& listener : listeners_) {
    const RouterService& service = *listener.door.service;
    // Nobody takes what a dead one's kernel accepts.
    if (service.has(RouterFault::kDead) || service.has(RouterFault::kAbsent)) continue;
    entries.push_back({listener.socket, POLLIN, 0});
    owners.push_back(&listener);
  }
  constexpr int kLookEvery = 200;  // milliseconds
  while (poll(entries.data(), entries.size(), kLookEvery) >= 0 && entries[0].revents == 0) {
    TendConnections();
    for (size_t i = 1; i < entries.size(); ++i) {
      if (entries[i].revents != 0) Admit(*owners[i]);
    }
  }
}

void RouterServer::Admit(const Listener& listener) {
  int client = accept4(listener.socket, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  if (listener.door.service->is_off()) {
    close(client);
    return;
  }
  int yes = 1;
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  connections_.push_back(std::make_unique<Connection>(client, listener.door));
}

void RouterServer::TendConnections() {
  connections_.remove_if([](const auto& connection) { return connection->is_over(); });
  for (const auto& connection : connections_) connection->CutIfDue();
}

}  // namespace usage::sim
