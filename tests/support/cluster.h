// A PostgreSQL server that a test may start, stop and kill.
#pragma once

#include <sys/types.h>

#include <string>

namespace usage::testing {

// Where a server listens; trust authentication, superuser "postgres".
struct Server {
  std::string host;  // an address or the folder of the socket
  int port = 0;
};

// A server of this process alone, in a temporary folder, on a free port of 127.0.0.1. The server
// runs as user postgres when the test runs as root. It ends with the thread that started it.
class Cluster {
 public:
  Cluster();   // initialises and starts it
  ~Cluster();  // ends it and removes the folder
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  void Start();  // on the same port as before; returns when it answers
  void Stop();   // disconnects everybody, ends cleanly
  void Kill();   // without a checkpoint: the next start recovers
  // The processes stand still and connections hang half-open, until Thaw.
  void Freeze();
  void Thaw();

  const Server& server() const { return server_; }

 private:
  void Launch();
  bool Answers() const;
  void Signal(int signal) const;
  void End(int signal);

  std::string folder_;
  Server server_;
  pid_t pid_ = -1;
};

// The server that tests/run started (USAGE_TEST_PG_HOST, USAGE_TEST_PG_PORT), else one of this
// process, started at the first call. Never stopped or killed by a test: others use it.
const Server& SharedServer();

}  // namespace usage::testing
