// One connection of a fake router: bytes, with or without TLS.
#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;

namespace usage::sim {

// The peer has gone, or the server stops.
class StreamEnd : public std::runtime_error {
 public:
  StreamEnd() : std::runtime_error("the connection has ended") {}
};

// One thread.
class Stream {
 public:
  virtual ~Stream() = default;

  // What has come; waits up to `wait` for the first of it, and "" when nothing has. Throws
  // StreamEnd.
  virtual std::string Read(std::chrono::milliseconds wait) = 0;
  // Throws StreamEnd.
  virtual void Write(std::string_view bytes) = 0;
  // Ends it without a word: the peer sees a reset. Read and Write throw from then on.
  virtual void Reset() = 0;
};

// Reads and throws away until the peer leaves. Throws StreamEnd.
[[noreturn]] void AwaitTheEnd(Stream& stream);

// Owns the socket.
class SocketStream : public Stream {
 public:
  // `tls`: none: plain. It must outlive the stream.
  SocketStream(int socket, SSL_CTX* tls);
  ~SocketStream() override;

  std::string Read(std::chrono::milliseconds wait) override;
  void Write(std::string_view bytes) override;
  void Reset() override;
  // Ends it in order; the socket itself stays until the end of this object.
  void Close();
  // Wakes a Read or Write, which then throw. Of any thread.
  void Cancel();

 private:
  void ShakeHands();
  bool IsReadable(std::chrono::milliseconds wait) const;

  const int socket_;
  std::unique_ptr<SSL, void (*)(SSL*)> tls_;
  bool is_new_ = true;  // TLS has not begun
};

}  // namespace usage::sim
