#include "sim/radius_client.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>

namespace usage::sim {
namespace {

sockaddr_in ParseAddress(const std::string& text) {
  size_t colon = text.rfind(':');
  std::string host = text.substr(0, colon);
  std::string_view port = std::string_view(text).substr(std::min(text.size(), colon + 1));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  uint16_t number = 0;
  auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  bool is_port = colon != std::string::npos && error == std::errc() && end == port.end() && number;
  if (!is_port || inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
    throw std::invalid_argument(
        "--radius: write an IPv4 address and a port as 127.0.0.1:1813, not " + text);
  }
  address.sin_port = htons(number);
  return address;
}

// Connected: answers of others are dropped by the kernel.
int OpenSocket(const sockaddr_in& server) {
  int file = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const auto* address = reinterpret_cast<const sockaddr*>(&server);
  if (file < 0 || connect(file, address, sizeof server) != 0) {
    throw std::system_error(errno, std::generic_category(), "socket for RADIUS");
  }
  return file;
}

}  // namespace

RadiusClient::RadiusClient(Options options) : options_(std::move(options)) {
  sockaddr_in server = ParseAddress(options_.server);
  for (int i = 0; i < options_.sockets; ++i) sockets_.push_back(OpenSocket(server));
}

RadiusClient::~RadiusClient() {
  for (int file : sockets_) close(file);
}

void RadiusClient::Send(AccountingRequest request, std::function<void()> answered) {
  queue_.push_back({std::move(request), std::move(answered)});
}

// In turn, so that an identifier rests as long as possible before it is used again.
RadiusClient::Slot RadiusClient::FreeSlot() {
  Slot slot;
  do {
    slot = {next_slot_ % sockets_.size(), static_cast<uint8_t>(next_slot_ / sockets_.size() % 256)};
    ++next_slot_;
  } while (flying_.contains(slot));
  return slot;
}

void RadiusClient::Launch(Queued queued) {
  Slot slot = FreeSlot();
  Flying& flying = flying_[slot];
  flying.packet = queued.request.Encode(slot.second, options_.secret);
  flying.answered = std::move(queued.answered);
  flying.timeout = options_.first_timeout;
  ++statistics_.sent;
  Transmit(slot, flying);
}

// A full buffer or a server that is away is a lost packet: its time comes again.
void RadiusClient::Transmit(const Slot& slot, Flying& flying) {
  send(sockets_[slot.first], flying.packet.data(), flying.packet.size(), MSG_NOSIGNAL);
  flying.again_at = std::chrono::steady_clock::now() + flying.timeout;
  flying.timeout = std::min(flying.timeout * 2, options_.last_timeout);
}

void RadiusClient::Receive(size_t socket) {
  Bytes reply(4096);
  while (true) {
    ssize_t size = recv(sockets_[socket], reply.data(), reply.size(), 0);
    // ECONNREFUSED tells of an earlier packet: the server is away.
    if (size < 0 && (errno == EINTR || errno == ECONNREFUSED)) continue;
    if (size < 0) return;
    Accept(socket, Bytes(reply.begin(), reply.begin() + size));
  }
}

void RadiusClient::Accept(size_t socket, const Bytes& reply) {
  auto found = reply.size() < 2 ? flying_.end() : flying_.find({socket, reply[1]});
  if (found == flying_.end() || !IsResponseTo(found->second.packet, reply, options_.secret)) {
    ++statistics_.bad_answers;
    return;
  }
  ++statistics_.answered;
  auto answered = std::move(found->second.answered);
  flying_.erase(found);
  answered();
}

void RadiusClient::Retransmit() {
  Time now = std::chrono::steady_clock::now();
  for (auto& [slot, flying] : flying_) {
    if (flying.again_at > now) continue;
    ++statistics_.retransmitted;
    Transmit(slot, flying);
  }
}

bool RadiusClient::Wait(std::chrono::milliseconds wait) {
  std::vector<pollfd> files;
  for (int file : sockets_) files.push_back({file, POLLIN, 0});
  return poll(files.data(), files.size(), static_cast<int>(wait.count())) > 0;
}

void RadiusClient::Poll(std::chrono::milliseconds wait) {
  while (!queue_.empty() && flying_.size() < static_cast<size_t>(options_.window)) {
    Queued next = std::move(queue_.front());
    queue_.pop_front();
    Launch(std::move(next));
  }
  if (Wait(wait)) {
    for (size_t socket = 0; socket < sockets_.size(); ++socket) Receive(socket);
  }
  Retransmit();
}

}  // namespace usage::sim
