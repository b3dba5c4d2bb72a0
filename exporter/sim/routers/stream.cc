#include "sim/routers/stream.h"

#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace usage::sim {

void AwaitTheEnd(Stream& stream) {
  while (true) stream.Read(std::chrono::seconds(10));
}

SocketStream::SocketStream(int socket, SSL_CTX* tls)
    : socket_(socket), tls_(tls == nullptr ? nullptr : SSL_new(tls), SSL_free) {
  if (tls_ != nullptr) SSL_set_fd(tls_.get(), socket);
}

SocketStream::~SocketStream() { close(socket_); }

void SocketStream::Close() {
  if (tls_ != nullptr && !is_new_) SSL_shutdown(tls_.get());
  Cancel();
}

// With the first bytes, by the thread that serves the connection: a client that says nothing holds
// up nobody else.
void SocketStream::ShakeHands() {
  if (!is_new_ || tls_ == nullptr) return;
  if (SSL_accept(tls_.get()) != 1) {
    Reset();
    throw StreamEnd();
  }
  is_new_ = false;
}

bool SocketStream::IsReadable(std::chrono::milliseconds wait) const {
  if (tls_ != nullptr && SSL_pending(tls_.get()) > 0) return true;
  pollfd entry{socket_, POLLIN, 0};
  return poll(&entry, 1, static_cast<int>(wait.count())) > 0;
}

std::string SocketStream::Read(std::chrono::milliseconds wait) {
  ShakeHands();
  if (!IsReadable(wait)) return "";
  std::array<char, 16384> buffer;
  ssize_t size = tls_ != nullptr ? SSL_read(tls_.get(), buffer.data(), buffer.size())
                                 : recv(socket_, buffer.data(), buffer.size(), 0);
  if (size <= 0) throw StreamEnd();
  return std::string(buffer.data(), static_cast<size_t>(size));
}

void SocketStream::Write(std::string_view bytes) {
  ShakeHands();
  while (!bytes.empty()) {
    ssize_t size = tls_ != nullptr
                       ? SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                       : send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) throw StreamEnd();
    bytes.remove_prefix(static_cast<size_t>(size));
  }
}

// Linux sends the reset when the socket is told to connect to nothing. The socket stays, so that
// Cancel never has to do with another one of its number.
void SocketStream::Reset() {
  is_new_ = true;  // TLS says no goodbye
  sockaddr nothing{};
  nothing.sa_family = AF_UNSPEC;
  connect(socket_, &nothing, sizeof nothing);
}

void SocketStream::Cancel() { shutdown(socket_, SHUT_RDWR); }

}  // namespace usage::sim
