// Who may ask the upstream now. Each tenant has a lane; free places go round the lanes, so that a
// tenant with many requests waits behind its own and not in front of another's.
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>

#include "net/channel.h"

namespace usage::gateway {

// Thread-safe.
class FairQueue {
 public:
  struct Limits {
    int max_running = 0;  // of the tenant; 0: no limit but the whole queue's
    int max_waiting = 0;  // beyond: kFull
    std::chrono::milliseconds patience{0};
  };
  enum class Verdict { kGranted, kFull, kTimeout, kClientGone };

  // A place at the upstream, given back at its end.
  class Place {
   public:
    Place() = default;
    Place(FairQueue* queue, std::string tenant) : queue_(queue), tenant_(std::move(tenant)) {}
    Place(Place&& other) noexcept { *this = std::move(other); }
    Place& operator=(Place&& other) noexcept;
    ~Place() { Leave(); }

    // The upstream is done with it, and only the client has still to take the answer: others may
    // ask, but for the tenant itself it goes on to count. So slow clients hold up nobody else.
    void LeaveUpstream();

    Verdict verdict = Verdict::kFull;

   private:
    void Leave();
    bool at_upstream_ = true;
    FairQueue* queue_ = nullptr;
    std::string tenant_;
  };

  // `capacity`: places in all; 0: no limit.
  explicit FairQueue(int capacity) : capacity_(capacity) {}

  // Waits for a place, no longer than the limits' patience and the client's: `client` ends it.
  Place Enter(const std::string& tenant, const Limits& limits, Watch client);

  int running() const;
  int waiting() const;
  void SetCapacity(int capacity);

 private:
  struct Waiter {
    int event_fd;
    bool granted = false;
  };
  struct Lane {
    int running = 0;  // those that only have to be taken by the client included
    int max_running = 0;
    std::deque<Waiter*> waiting;
  };

  bool HasRoom(const Lane& lane) const;
  void Leave(const std::string& tenant, bool at_upstream);
  void LeaveUpstream();
  void Dispatch();
  void EraseIfUnused(const std::string& tenant);
  bool GiveUp(const std::string& tenant, Waiter* waiter);

  mutable std::mutex mutex_;
  int capacity_;
  int running_ = 0;
  int waiting_ = 0;
  std::map<std::string, Lane> lanes_;
  std::list<std::string> turns_;  // lanes with waiters, the next one first
};

}  // namespace usage::gateway
