#include "net/dial.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace usage {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Addresses Resolve(const std::string& host, int port, std::string* error) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (code != 0) found = nullptr;
  if (code != 0) *error = ::gai_strerror(code);
  return {found, freeaddrinfo};
}

// What became of a connect() that went on in the background: 0 or its errno.
int ConnectError(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

Dialled DialOne(const addrinfo& address, SteadyTime deadline, Watch watch) {
  const int fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return {.error = std::strerror(errno)};
  int error = ::connect(fd, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  Io io = Io::kOk;
  if (error == EINPROGRESS) {
    io = WaitFor({fd, POLLOUT}, watch, deadline);
    error = io == Io::kOk ? ConnectError(fd) : 0;
  }
  if (error != 0) io = Io::kFailed;
  if (io == Io::kOk) return {fd, io};
  ::close(fd);
  return {-1, io, error == 0 ? "no answer in time" : std::strerror(error)};
}

}  // namespace

Dialled Dial(const std::string& host, int port, SteadyTime deadline, Watch watch) {
  Dialled last;
  const Addresses addresses = Resolve(host, port, &last.error);
  for (const addrinfo* a = addresses.get(); a != nullptr; a = a->ai_next) {
    last = DialOne(*a, deadline, watch);
    if (last.io == Io::kOk || last.io == Io::kDisturbed) return last;
  }
  return last;
}

}  // namespace usage
