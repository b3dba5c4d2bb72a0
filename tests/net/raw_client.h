// A client that sends exactly the bytes it is told to, for what a well-behaved one can't do.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

namespace usage::testing {

inline constexpr int kPatienceMs = 60'000;  // generous: sanitizers, a loaded machine

class RawClient {
 public:
  explicit RawClient(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    EXPECT_TRUE(connected_) << "connect to port " << port;
  }
  ~RawClient() { Close(); }
  RawClient(RawClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_) {}

  void Close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // Reads until `end` has come, or the server closed, or patience ended.
  std::string ReadUntil(std::string_view end) {
    constexpr size_t kEnough = 1 << 20;
    std::string text;
    while (text.find(end) == std::string::npos && text.size() < kEnough && ReadSome(&text)) {
    }
    return text;
  }

  // Until the server closes. Fails when it does not.
  std::string ReadToEnd() {
    std::string text;
    while (ReadSome(&text)) {
    }
    return text;
  }

  // A whole response with a Content-Length, or with none to the end of its head.
  std::string ReadResponse() {
    std::string text = ReadUntil("\r\n\r\n");
    size_t head = text.find("\r\n\r\n");
    size_t length = text.find("Content-Length: ");
    if (head == std::string::npos || length > head) return text;
    size_t whole = head + 4 + std::stoul(text.substr(length + 16));
    while (text.size() < whole && ReadSome(&text)) {
    }
    return text;
  }

  std::string Ask(std::string_view request) {
    Send(request);
    return ReadResponse();
  }

 private:
  bool ReadSome(std::string* text) {
    pollfd waited{fd_, POLLIN, 0};
    if (::poll(&waited, 1, kPatienceMs) <= 0) {
      ADD_FAILURE() << "nothing came, and the server did not close; so far: " << *text;
      return false;
    }
    char piece[65536];
    ssize_t size = ::recv(fd_, piece, sizeof piece, 0);
    if (size <= 0) return false;
    text->append(piece, static_cast<size_t>(size));
    return true;
  }

  int fd_;
  bool connected_ = false;
};

inline std::string StatusLine(const std::string& response) {
  return response.substr(0, response.find("\r\n"));
}

inline std::string BodyOf(const std::string& response) {
  size_t head = response.find("\r\n\r\n");
  return head == std::string::npos ? "" : response.substr(head + 4);
}

}  // namespace usage::testing
