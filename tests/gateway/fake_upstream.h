// What stands behind the gateway in tests: a lively HTTP server over real sockets that remembers
// what it was asked and answers as it is told, well or badly.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gateway/form.h"
#include "net/http_message.h"

namespace usage::gateway::testing {

struct SeenRequest {
  std::string head;  // as it came
  std::string method, path;
  Form form;  // of the URL or of the body
  std::vector<std::string> Values(std::string_view name) const {
    std::vector<std::string> values;
    for (const auto& [key, value] : form) {
      if (key == name) values.push_back(value);
    }
    return values;
  }
  std::string header(std::string_view name) const {
    auto parsed = ParseRequestHead(head);
    auto* request = std::get_if<RequestHead>(&parsed);
    return request == nullptr ? "not a request" : std::string(request->fields.Value(name));
  }
};

// The upstream's end of a connection, for answers that are not just text.
class Line {
 public:
  explicit Line(int fd) : fd_(fd) {}
  bool Send(std::string_view bytes) const {
    while (!bytes.empty()) {
      ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  // Whether the gateway closes within a minute.
  bool IsClosedSoon() const {
    pollfd waited{fd_, POLLRDHUP, 0};
    return ::poll(&waited, 1, 60'000) > 0;
  }

 private:
  const int fd_;
};

inline std::string JsonAnswer(std::string_view body, int status = 200,
                              std::string_view more_headers = "") {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: application/json\r\n" +
         std::string(more_headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

inline constexpr std::string_view kEmptyVector =
    R"({"status":"success","data":{"resultType":"vector","result":[]}})";

class FakeUpstream {
 public:
  // Sends the answer. False: the connection is closed after it.
  using Handler = std::function<bool(const SeenRequest&, const Line&)>;

  FakeUpstream()
      : FakeUpstream([](const SeenRequest&, const Line& line) {
          return line.Send(JsonAnswer(kEmptyVector));
        }) {}
  explicit FakeUpstream(Handler handler) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 128);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { Accept(); });
  }
  ~FakeUpstream() {
    is_stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    {
      std::lock_guard lock(mutex_);
      for (int fd : open_) ::shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
  }

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<SeenRequest> seen() const {
    std::lock_guard lock(mutex_);
    return seen_;
  }
  int connections() const { return connections_; }

 private:
  void Accept() {
    for (;;) {
      int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0 || is_stopping_) {
        if (fd >= 0) ::close(fd);
        return;
      }
      ++connections_;
      std::lock_guard lock(mutex_);
      open_.push_back(fd);
      threads_.emplace_back([this, fd] { Serve(fd); });
    }
  }

  void Serve(int fd) {
    std::string bytes;
    SeenRequest request;
    while (ReadRequest(fd, &bytes, &request)) {
      {
        std::lock_guard lock(mutex_);
        seen_.push_back(request);
      }
      if (!handler_(request, Line(fd))) break;
    }
    {
      std::lock_guard lock(mutex_);
      std::erase(open_, fd);
    }
    ::close(fd);
  }

  static bool ReadRequest(int fd, std::string* bytes, SeenRequest* request) {
    char piece[65536];
    for (;;) {
      size_t end = HeadEnd(*bytes);
      if (end != std::string::npos && TakeRequest(bytes, end, request)) return true;
      ssize_t got = ::recv(fd, piece, sizeof piece, 0);
      if (got <= 0) return false;
      bytes->append(piece, static_cast<size_t>(got));
    }
  }

  static bool TakeRequest(std::string* bytes, size_t end, SeenRequest* request) {
    request->head = bytes->substr(0, end);
    auto parsed = ParseRequestHead(request->head);
    auto* head = std::get_if<RequestHead>(&parsed);
    size_t length = head == nullptr ? 0 : static_cast<size_t>(head->body.length);
    if (bytes->size() < end + length) return false;
    std::string body = bytes->substr(end, length);
    bytes->erase(0, end + length);
    request->form.clear();
    if (head == nullptr) return true;
    size_t question = head->target.find('?');
    request->method = head->method;
    request->path = head->target.substr(0, question);
    bool good = ParseForm(
        question == std::string::npos ? std::string_view(body) : head->target.substr(question + 1),
        &request->form);
    if (!good) request->path = "a malformed form";
    return true;
  }

  const Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> is_stopping_{false};
  std::atomic<int> connections_{0};
  std::thread acceptor_;
  mutable std::mutex mutex_;
  std::vector<SeenRequest> seen_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
};

// Something that threads wait for.
class Gate {
 public:
  void Open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(60), [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

}  // namespace usage::gateway::testing
