// A TCP connection, plain or under TLS, whose every wait has an end.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;

namespace usage {

using SteadyTime = std::chrono::steady_clock::time_point;

enum class Io {
  kOk,
  kEnd,        // the peer closed in good order
  kFailed,     // the connection is broken
  kTimeout,    // the deadline passed
  kDisturbed,  // Watch::fd had something to say
};

// A second descriptor that ends a wait: a client's connection (POLLRDHUP: it went), or an eventfd
// (POLLIN).
struct Watch {
  int fd = -1;
  short events = 0;
};

// Of one thread at a time, but for fd().
class Channel {
 public:
  // Owns both; `ssl` may be null. Makes the descriptor non-blocking and without Nagle's delay.
  Channel(int fd, SSL* ssl);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Up to `size` bytes: what is there; waits for the first. `*got` is set when Ok.
  Io Read(char* buffer, size_t size, size_t* got, SteadyTime deadline, Watch watch = {});
  // All of `bytes`; every part of it within `progress` of the one before.
  Io Write(std::string_view bytes, std::chrono::milliseconds progress, Watch watch = {});
  // The handshake of either side.
  Io Handshake(SteadyTime deadline);
  // Why the handshake has just failed on this thread, as OpenSSL says it.
  std::string HandshakeError() const;

  // False: the peer closed, or sent something that nobody asked for. Waits for nothing.
  bool IsQuiet();
  // Whether the peer is gone for good or will send nothing more (as Go's server takes it).
  bool HasHungUp() const;
  int fd() const { return fd_; }
  Watch HangUp() const;

 private:
  struct SslFree {
    void operator()(SSL* ssl) const;
  };

  long ReadSome(char* buffer, size_t size, short* wanted);
  long WriteSome(std::string_view bytes, short* wanted);
  long SslResult(int result, short* wanted);
  Io Wait(short events, SteadyTime deadline, Watch watch) const;

  const int fd_;
  std::unique_ptr<SSL, SslFree> ssl_;
};

// Waits for two descriptors. Ok: the first has spoken; Disturbed: the second; Timeout; Failed.
Io WaitFor(Watch first, Watch second, SteadyTime deadline);

// What has been read of a channel and not yet been used.
class InBuffer {
 public:
  explicit InBuffer(size_t size) : bytes_(new char[size]), size_(size) {}

  std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  bool full() const { return begin_ == 0 && end_ == size_; }
  void Drop(size_t size) {
    begin_ += size;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  void Clear() { begin_ = end_ = 0; }
  // Reads once, behind what is there. Not when full. Views taken before are no longer valid.
  Io Fill(Channel* channel, SteadyTime deadline, Watch watch = {});

 private:
  std::unique_ptr<char[]> bytes_;
  size_t size_;
  size_t begin_ = 0, end_ = 0;
};

}  // namespace usage
