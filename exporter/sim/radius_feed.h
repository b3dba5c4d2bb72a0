// Sessions as RADIUS accounting packets.
#pragma once

#include <deque>
#include <map>
#include <unordered_set>
#include <vector>

#include "sim/radius_client.h"
#include "sim/session.h"
#include "sim/truth.h"

namespace usage::sim {

// Keeps the order in which packets must be stored: those of one row one after another, and an
// Accounting-On after everything before it and before everything after it of that NAS. The truth
// counts a report when it is answered, which is when FreeRADIUS has stored it.
//
// What Debian's queries.conf does with them, and the truth must know: a closed row takes no interim
// update; a Stop overwrites it. A Start on a row that is there moves its start and leaves the
// counters; the next report overwrites them.
class RadiusFeed : public Feed {
 public:
  struct Options {
    RadiusClient::Options client;
    double duplicates = 0;                 // share of the packets that are sent twice
    std::chrono::seconds visible_for{15};  // of counters, before a fault overwrites them
  };
  // `population` and `truth` must outlive it.
  RadiusFeed(const Population& population, TruthKeeper& truth, Options options);

  void Start(const SessionPtr& session) override;
  void Interim(const SessionPtr& session, Second at) override;
  void Stop(const SessionPtr& session) override;
  void Lose(const SessionPtr&) override {}
  void NasUp(int nas, Second up) override;
  void Report(Second) override {}
  void Tick(std::chrono::milliseconds wait) override;
  bool is_busy() const override { return client_.pending() > 500; }
  bool can_report() const override { return true; }
  bool is_settled() const override;

  const RadiusClient::Statistics& statistics() const { return client_.statistics(); }

 private:
  struct Packet {
    StatusType type;
    AccountingRequest request;
    SessionPtr session;           // null in an Accounting-On
    std::vector<DayVolume> days;  // what it tells beyond the one before
    bool destroys = false;        // the row's counters, or makes them be overwritten
  };
  struct Lane {  // of a row
    std::deque<Packet> packets;
    bool is_sending = false;
    bool is_held = false;  // waits until the counters have been seen
  };
  struct Gate {                 // of a NAS
    size_t unanswered = 0;      // packets in its lanes that are not held
    bool is_barred = false;     // an Accounting-On waits or is under way
    std::deque<Packet> behind;  // the Accounting-On first
    std::unordered_set<RowPtr> open_rows;
  };

  void Enqueue(int nas, Packet packet);
  void Admit(int nas, Packet packet);
  void Pump(int nas, const RowPtr& row);
  void Hold(int nas, const RowPtr& row, Lane& lane);
  void ReleaseHeld();
  void Answered(int nas, const RowPtr& row);
  void Count(Packet& packet, Row& row, Gate& gate);
  void PassBar(int nas);
  void SendBar(int nas);
  bool IsDuplicated(const Session& session, Second at) const;
  bool IsSeen(const Row& row) const;
  AccountingRequest Describe(StatusType type, const Session& session, Second at) const;
  void EnqueueReport(const SessionPtr& session, Packet packet, Second at);

  const Population& population_;
  TruthKeeper& truth_;
  Options options_;
  RadiusClient client_;
  std::map<RowPtr, Lane> lanes_;  // of rows with something to send
  std::vector<Gate> gates_;       // by NAS
  std::vector<std::pair<int, RowPtr>> held_;
};

}  // namespace usage::sim
