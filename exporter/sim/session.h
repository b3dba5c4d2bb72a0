// A session that runs, and the ways by which accounting hears of it.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "sim/curve.h"
#include "sim/plan.h"
#include "sim/population.h"

namespace usage::sim {

using RealTime = std::chrono::steady_clock::time_point;

// What accounting stores of a session. Sessions that reuse an id share the row.
struct Row {
  std::string id;    // UUID in user_sessions, Acct-Session-Id in RADIUS
  RealTime shown{};  // when the newest counters became visible in it
  bool is_closed = false;
};
using RowPtr = std::shared_ptr<Row>;

struct Session {
  PlannedSession plan;
  const Subscriber* subscriber = nullptr;
  const Tenant* tenant = nullptr;
  RowPtr row;
  Curve curve;  // as far as reports went
  // Reported, but accounting did not take it: the next report that it takes tells it too.
  std::vector<DayVolume> unheard;
  bool is_known = false;  // user_sessions has its row
  bool is_over = false;   // accounting is to hear of the end
  bool is_lost = false;   // nothing more is to be heard
};
using SessionPtr = std::shared_ptr<Session>;

// One way into accounting. Times are virtual and never go backwards. One thread.
class Feed {
 public:
  virtual ~Feed() = default;

  virtual void Start(const SessionPtr& session) = 0;
  // The session's own report of its counters.
  virtual void Interim(const SessionPtr& session, Second at) = 0;
  // Accounting hears of the end, which may be long past. The session's plan says how it ended.
  virtual void Stop(const SessionPtr& session) = 0;
  // Nothing more is heard of the session.
  virtual void Lose(const SessionPtr& session) = 0;
  // A NAS has come back: all its sessions are over.
  virtual void NasUp(int nas, Second up) = 0;
  // A report of all open sessions at once; only while can_report().
  virtual void Report(Second at) = 0;

  // Sends and receives; waits at most that long for answers.
  virtual void Tick(std::chrono::milliseconds wait) = 0;
  // More is waiting than is good: virtual time must stand still.
  virtual bool is_busy() const = 0;
  virtual bool can_report() const = 0;
  // Nothing whose bytes count is under way.
  virtual bool is_settled() const = 0;
};

// Sees what truly happens at the NASes, whether accounting hears of it or not. Times are virtual
// and never go backwards. One thread.
class NasObserver {
 public:
  virtual ~NasObserver() = default;

  virtual void Begins(const Session& session) = 0;
  virtual void Ends(const Session& session) = 0;  // at its planned end
  // It answers from `up` until `down`, when it is to go down next.
  virtual void NasIsUp(int nas, Second up, Second down) = 0;
};

}  // namespace usage::sim
