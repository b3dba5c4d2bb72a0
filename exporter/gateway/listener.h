// A listening TCP socket.
#pragma once

#include <string>

namespace usage::gateway {

// Owns it. Throws std::runtime_error that names the address and the remedy.
class Listener {
 public:
  explicit Listener(const std::string& address);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int fd() const { return fd_; }
  int port() const { return port_; }
  // As a URL writes it: "127.0.0.1", "[::1]".
  std::string url_host() const;

 private:
  bool Open(const std::string& host);

  std::string host_;
  int port_ = 0;
  int fd_ = -1;
};

// "192.0.2.7:41234", "[2001:db8::1]:41234" of the other end.
std::string PeerName(int fd);

}  // namespace usage::gateway
