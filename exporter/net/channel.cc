#include "net/channel.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace usage {
namespace {

using std::chrono::milliseconds;

// What the functions below return beside a count of bytes.
constexpr long kEnded = 0;
constexpr long kMustWait = -1;
constexpr long kBroken = -2;

int MillisUntil(SteadyTime deadline) {
  if (deadline == SteadyTime::max()) return -1;
  auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<long>(left, 0, 1'000'000'000));
}

}  // namespace

void Channel::SslFree::operator()(SSL* ssl) const {
  SSL_shutdown(ssl);
  SSL_free(ssl);
}

Channel::Channel(int fd, SSL* ssl) : fd_(fd), ssl_(ssl) {
  ::fcntl(fd_, F_SETFL, ::fcntl(fd_, F_GETFL) | O_NONBLOCK);
  int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (!ssl_) return;
  SSL_set_fd(ssl_.get(), fd_);
  SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

Channel::~Channel() {
  ssl_.reset();
  ::close(fd_);
}

Io Channel::Read(char* buffer, size_t size, size_t* got, SteadyTime deadline, Watch watch) {
  for (;;) {
    short wanted = POLLIN;
    long result = ReadSome(buffer, size, &wanted);
    if (result > 0) {
      *got = static_cast<size_t>(result);
      return Io::kOk;
    }
    if (result != kMustWait) return result == kEnded ? Io::kEnd : Io::kFailed;
    Io waited = Wait(wanted, deadline, watch);
    if (waited != Io::kOk) return waited;
  }
}

Io Channel::Write(std::string_view bytes, milliseconds progress, Watch watch) {
  while (!bytes.empty()) {
    short wanted = POLLOUT;
    long sent = WriteSome(bytes, &wanted);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
      continue;
    }
    if (sent != kMustWait) return Io::kFailed;
    Io waited = Wait(wanted, std::chrono::steady_clock::now() + progress, watch);
    if (waited != Io::kOk) return waited;
  }
  return Io::kOk;
}

Io Channel::Handshake(SteadyTime deadline) {
  while (ssl_) {
    ERR_clear_error();
    short wanted = POLLIN;
    long result = SslResult(SSL_do_handshake(ssl_.get()), &wanted);
    if (result > 0) return Io::kOk;
    if (result != kMustWait) return Io::kFailed;
    Io waited = Wait(wanted, deadline, {});
    if (waited != Io::kOk) return waited;
  }
  return Io::kOk;
}

std::string Channel::HandshakeError() const {
  const long verified = ssl_ ? SSL_get_verify_result(ssl_.get()) : X509_V_OK;
  if (verified != X509_V_OK) return X509_verify_cert_error_string(verified);
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  return reason == nullptr ? "the connection was closed" : reason;
}

bool Channel::IsQuiet() {
  // Under TLS 1.3 tickets come unasked; they are read as no data.
  char byte;
  if (ssl_) {
    short wanted = 0;
    return ReadSome(&byte, 1, &wanted) == kMustWait;
  }
  return ::recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

bool Channel::HasHungUp() const {
  pollfd waited{fd_, POLLRDHUP, 0};
  return ::poll(&waited, 1, 0) > 0;
}

Watch Channel::HangUp() const { return {fd_, POLLRDHUP}; }

long Channel::ReadSome(char* buffer, size_t size, short* wanted) {
  if (ssl_) {
    ERR_clear_error();
    return SslResult(SSL_read(ssl_.get(), buffer, static_cast<int>(size)), wanted);
  }
  ssize_t got = ::recv(fd_, buffer, size, 0);
  if (got >= 0) return got;
  return errno == EAGAIN || errno == EINTR ? kMustWait : kBroken;
}

long Channel::WriteSome(std::string_view bytes, short* wanted) {
  if (ssl_) {
    constexpr size_t kMostAtOnce = 1 << 30;
    ERR_clear_error();
    int size = static_cast<int>(std::min(bytes.size(), kMostAtOnce));
    long sent = SslResult(SSL_write(ssl_.get(), bytes.data(), size), wanted);
    return sent == kEnded ? kBroken : sent;
  }
  ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent > 0) return sent;
  return errno == EAGAIN || errno == EINTR ? kMustWait : kBroken;
}

long Channel::SslResult(int result, short* wanted) {
  if (result > 0) return result;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      *wanted = POLLIN;
      return kMustWait;
    case SSL_ERROR_WANT_WRITE:
      *wanted = POLLOUT;
      return kMustWait;
    case SSL_ERROR_ZERO_RETURN:
      return kEnded;
    default:
      return kBroken;
  }
}

Io Channel::Wait(short events, SteadyTime deadline, Watch watch) const {
  return WaitFor({fd_, events}, watch, deadline);
}

Io WaitFor(Watch first, Watch second, SteadyTime deadline) {
  for (;;) {
    pollfd waited[2] = {{first.fd, first.events, 0}, {second.fd, second.events, 0}};
    int ready = ::poll(waited, second.fd < 0 ? 1 : 2, MillisUntil(deadline));
    if (ready < 0 && errno != EINTR) return Io::kFailed;
    if (ready < 0) continue;
    if (ready == 0) return Io::kTimeout;
    return waited[0].revents != 0 ? Io::kOk : Io::kDisturbed;
  }
}

Io InBuffer::Fill(Channel* channel, SteadyTime deadline, Watch watch) {
  if (begin_ > 0) {
    std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  size_t got = 0;
  Io result = channel->Read(bytes_.get() + end_, size_ - end_, &got, deadline, watch);
  end_ += got;
  return result;
}

}  // namespace usage
