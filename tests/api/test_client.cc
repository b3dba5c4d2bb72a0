#include "tests/api/test_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <sstream>
#include <stdexcept>

namespace usage::testing {
namespace {

constexpr timeval kPatience{60, 0};

void Check(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("test client: ") + what);
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

Reply ParseHead(const std::string& head) {
  Reply reply;
  std::istringstream lines(head);
  std::string line;
  std::getline(lines, line);
  reply.status = std::stoi(line.substr(line.find(' ') + 1));
  while (std::getline(lines, line) && line != "\r") {
    size_t colon = line.find(": ");
    reply.headers[Lower(line.substr(0, colon))] = line.substr(colon + 2, line.size() - colon - 3);
  }
  return reply;
}

std::string Request(const std::string& method, const std::string& path,
                    const std::string& headers) {
  return method + " " + path + " HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n";
}

}  // namespace

Connection::Connection(int port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  Check(fd_ >= 0, "no socket");
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bool connected = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  if (!connected) ::close(fd_);
  Check(connected, "can't connect");
}

Connection::~Connection() { ::close(fd_); }

void Connection::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    Check(sent > 0, "can't send");
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
}

bool Connection::Receive() {
  char buffer[65536];
  ssize_t size = ::recv(fd_, buffer, sizeof(buffer), 0);
  Check(size >= 0, "no answer within a minute");
  received_.append(buffer, static_cast<size_t>(size));
  return size > 0;
}

std::string Connection::ReadThrough(std::string_view end) {
  size_t found;
  while ((found = received_.find(end)) == std::string::npos)
    Check(Receive(), "the connection ended early");
  return Read(found + end.size());
}

std::string Connection::Read(size_t size) {
  while (received_.size() < size) Check(Receive(), "the connection ended early");
  std::string bytes = received_.substr(0, size);
  received_.erase(0, size);
  return bytes;
}

std::string Connection::ReadToEnd() {
  while (Receive()) {
  }
  return std::move(received_);
}

Reply Fetch(int port, const std::string& method, const std::string& path,
            const std::string& headers) {
  Connection connection(port);
  connection.Send(Request(method, path, headers + "Connection: close\r\n"));
  Reply reply = ParseHead(connection.ReadThrough("\r\n\r\n"));
  reply.body = connection.ReadToEnd();
  return reply;
}

EventReader::EventReader(int port, const std::string& last_event_id) : connection_(port) {
  std::string seen = last_event_id.empty() ? "" : "Last-Event-ID: " + last_event_id + "\r\n";
  connection_.Send(Request("GET", "/events", seen));
  reply_ = ParseHead(connection_.ReadThrough("\r\n\r\n"));
}

bool EventReader::ReadChunk() {
  size_t size = std::stoul(connection_.ReadThrough("\r\n"), nullptr, 16);
  pending_ += connection_.Read(size);
  connection_.Read(2);
  return size > 0;
}

bool EventReader::AtEnd() { return pending_.empty() && !ReadChunk(); }

Event EventReader::Next() {
  size_t end;
  while ((end = pending_.find("\n\n")) == std::string::npos)
    Check(ReadChunk(), "the stream ended early");
  std::istringstream lines(pending_.substr(0, end));
  pending_.erase(0, end + 2);
  Event event;
  for (std::string line; std::getline(lines, line);) {
    std::string name = line.substr(0, line.find(": "));
    std::string value = line.substr(name.size() + 2);
    if (name == "id") event.id = value;
    if (name == "event") event.type = value;
    if (name == "data") event.data = value;
    if (name == "retry") event.retry = value;
    if (line[0] == ':') event.comment = true;
  }
  return event;
}

}  // namespace usage::testing
