// Sends accounting packets as a NAS does: again and again until they are answered.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sim/radius_packet.h"

namespace usage::sim {

// Not thread-safe; never waits except in Poll.
class RadiusClient {
 public:
  struct Options {
    std::string server = "127.0.0.1:1813";  // IPv4 address and port
    std::string secret;
    int sockets = 4;                                // each has 256 identifiers of its own
    int window = 64;                                // packets under way at once
    std::chrono::milliseconds first_timeout{3000};  // doubles with each transmission
    std::chrono::milliseconds last_timeout{15000};
  };
  struct Statistics {
    uint64_t sent = 0;  // packets, without retransmissions
    uint64_t retransmitted = 0;
    uint64_t answered = 0;
    uint64_t bad_answers = 0;  // of nothing that is under way, or not signed with the secret
  };

  // Throws std::invalid_argument for an address it can't read, std::system_error for a socket.
  explicit RadiusClient(Options options);
  ~RadiusClient();
  RadiusClient(const RadiusClient&) = delete;
  RadiusClient& operator=(const RadiusClient&) = delete;

  // `answered` is called once, from Poll.
  void Send(AccountingRequest request, std::function<void()> answered);
  // Sends what may be sent, then waits up to `wait` for answers and takes what has come.
  void Poll(std::chrono::milliseconds wait);

  size_t pending() const { return queue_.size() + flying_.size(); }
  const Statistics& statistics() const { return statistics_; }

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Queued {
    AccountingRequest request;
    std::function<void()> answered;
  };
  struct Flying {
    Bytes packet;
    std::function<void()> answered;
    Time again_at;
    std::chrono::milliseconds timeout;
  };
  using Slot = std::pair<size_t, uint8_t>;  // socket, identifier

  Slot FreeSlot();
  void Launch(Queued queued);
  void Transmit(const Slot& slot, Flying& flying);
  void Receive(size_t socket);
  void Accept(size_t socket, const Bytes& reply);
  void Retransmit();
  bool Wait(std::chrono::milliseconds wait);

  Options options_;
  std::vector<int> sockets_;
  size_t next_slot_ = 0;
  std::deque<Queued> queue_;
  std::map<Slot, Flying> flying_;
  Statistics statistics_;
};

}  // namespace usage::sim
