#include "gateway/listener.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <utility>

#include "core/listen_address.h"

namespace usage::gateway {
namespace {

constexpr int kBacklog = 512;

int PortOf(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  in_port_t port = address.ss_family == AF_INET6
                       ? reinterpret_cast<sockaddr_in6*>(&address)->sin6_port
                       : reinterpret_cast<sockaddr_in*>(&address)->sin_port;
  return ntohs(port);
}

// -1 and errno: it can't be had.
int BindTo(const addrinfo& address) {
  int fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  int on = 1, off = 0;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // IPv6's "every address" takes IPv4's too.
  if (address.ai_family == AF_INET6) {
    ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  bool bound = ::bind(fd, address.ai_addr, address.ai_addrlen) == 0 && ::listen(fd, kBacklog) == 0;
  if (bound) return fd;
  int error = std::exchange(errno, 0);
  ::close(fd);
  errno = error;
  return -1;
}

}  // namespace

Listener::Listener(const std::string& text) {
  auto address = ParseListenAddress(text);
  if (!address) {
    throw std::runtime_error("can't listen on " + text +
                             ": it is not an address; write host:port, :port or [IPv6]:port, such "
                             "as 127.0.0.1:9813");
  }
  host_ = address->host;
  port_ = address->port;
  bool everywhere = host_.empty();
  bool open = Open(everywhere ? "::" : host_) || (everywhere && Open("0.0.0.0"));
  if (!open) {
    int error = errno == 0 ? EADDRNOTAVAIL : errno;
    throw std::runtime_error("can't listen on " + text + ": " + std::strerror(error) +
                             BindRemedy(error));
  }
  port_ = PortOf(fd_);
}

Listener::~Listener() {
  if (fd_ >= 0) ::close(fd_);
}

bool Listener::Open(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  errno = 0;
  if (::getaddrinfo(host.c_str(), std::to_string(port_).c_str(), &hints, &found) != 0) return false;
  std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
  for (const addrinfo* a = found; a != nullptr && fd_ < 0; a = a->ai_next) fd_ = BindTo(*a);
  return fd_ >= 0;
}

std::string Listener::url_host() const {
  if (host_.empty() || host_ == "0.0.0.0" || host_ == "::") return "127.0.0.1";
  return host_.find(':') == std::string::npos ? host_ : "[" + host_ + "]";
}

std::string PeerName(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  char host[NI_MAXHOST] = "", port[NI_MAXSERV] = "";
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return "";
  ::getnameinfo(reinterpret_cast<sockaddr*>(&address), size, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
  std::string name = host;
  return (name.find(':') == std::string::npos ? name : "[" + name + "]") + ":" + port;
}

}  // namespace usage::gateway
