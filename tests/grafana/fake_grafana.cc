#include "tests/grafana/fake_grafana.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace usage::testing {
namespace {

constexpr std::chrono::seconds kPatience{60};

sockaddr_in LocalAddress(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

int Listen(int port) {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address = LocalAddress(port);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd, 64) != 0) {
    throw std::runtime_error("no port for the fake Grafana");
  }
  return fd;
}

int PortOf(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

size_t BodySize(const std::string& head) {
  const std::string name = "\r\nContent-Length: ";
  const size_t at = head.find(name);
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + name.size()));
}

}  // namespace

std::string PushSeen::token() const {
  const std::string name = "\r\nAuthorization: Bearer ";
  const size_t at = head.find(name);
  if (at == std::string::npos) return "";
  const size_t begin = at + name.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

FakeGrafana::FakeGrafana(int port)
    : listener_(Listen(port)), port_(PortOf(listener_)), acceptor_([this] { Accept(); }) {}

FakeGrafana::~FakeGrafana() {
  is_closing_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    std::lock_guard lock(mutex_);
    for (int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  for (int fd : open_) ::close(fd);
  ::close(listener_);
}

void FakeGrafana::SetAnswer(Answer answer) {
  std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
}

void FakeGrafana::Accept() {
  while (!is_closing_) {
    int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    ++connections_;
    std::lock_guard lock(mutex_);
    open_.push_back(fd);
    threads_.emplace_back([this, fd] { Serve(fd); });
    if (is_closing_) ::shutdown(fd, SHUT_RDWR);
  }
}

void FakeGrafana::Serve(int fd) {
  std::string received;
  while (ServeOne(fd, &received)) {
  }
}

bool FakeGrafana::ServeOne(int fd, std::string* received) {
  size_t head = std::string::npos;
  size_t size = 0;
  while (head == std::string::npos || received->size() < size) {
    char buffer[16384];
    const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    received->append(buffer, static_cast<size_t>(got));
    head = received->find("\r\n\r\n");
    if (head != std::string::npos) size = head + 4 + BodySize(received->substr(0, head + 2));
  }
  PushSeen push{received->substr(0, head + 4), received->substr(head + 4, size - head - 4)};
  received->erase(0, size);
  Answer answer;
  {
    std::lock_guard lock(mutex_);
    seen_.push_back(push);
    answer = answer_;
  }
  changed_.notify_all();
  const int status = answer(push);
  if (status == kSilence) return true;
  const std::string text =
      "HTTP/1.1 " + std::to_string(status) + " So\r\nContent-Length: 0\r\n\r\n";
  return ::send(fd, text.data(), text.size(), MSG_NOSIGNAL) > 0;
}

std::vector<PushSeen> FakeGrafana::WaitFor(size_t count) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [&] { return seen_.size() >= count; })) {
    throw std::runtime_error("only " + std::to_string(seen_.size()) + " pushes came");
  }
  return {seen_.begin(), seen_.begin() + static_cast<ptrdiff_t>(count)};
}

PushSeen FakeGrafana::WaitFor(const std::function<bool(const PushSeen&)>& is_it, size_t seen) {
  std::unique_lock lock(mutex_);
  auto end = seen_.rend();
  auto found = end;
  const auto look = [&] {
    end = seen_.rend() - static_cast<ptrdiff_t>(std::min(seen, seen_.size()));
    found = std::find_if(seen_.rbegin(), end, is_it);
    return found != end;
  };
  if (!changed_.wait_for(lock, kPatience, look)) throw std::runtime_error("no such push came");
  return *found;
}

size_t FakeGrafana::pushes() const {
  std::lock_guard lock(mutex_);
  return seen_.size();
}

}  // namespace usage::testing
