// Sessions as rows of user_sessions: all open ones at once, every few seconds.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "sim/panel_writer.h"
#include "sim/session.h"
#include "sim/truth.h"

namespace usage::sim {

class PanelFeed : public Feed {
 public:
  struct Options {
    std::string dsn;
    double duplicates = 0;                 // share of the updates that are made twice
    double purge = 0;                      // share of the closed rows that are deleted
    std::chrono::seconds visible_for{15};  // of counters, before a fault overwrites them
    std::chrono::seconds purge_after{60};  // of closed rows
    seconds lost_start_delay{300};         // how much later a session without a Start shows up
  };
  // `population` and `truth` must outlive it.
  PanelFeed(const Population& population, TruthKeeper& truth, Options options);

  void Start(const SessionPtr& session) override;
  void Interim(const SessionPtr&, Second) override {}
  void Stop(const SessionPtr& session) override { session->is_over = true; }
  void Lose(const SessionPtr& session) override;
  void NasUp(int nas, Second up) override;
  void Report(Second at) override;
  void Tick(std::chrono::milliseconds) override;
  bool is_busy() const override { return false; }
  bool can_report() const override { return !writer_.is_writing(); }
  bool is_settled() const override { return !writer_.is_writing(); }

  std::string last_error() const { return writer_.last_error(); }

 private:
  struct Told {  // by the batch that is being written
    SessionPtr session;
    std::vector<DayVolume> days;
    bool is_closed = false;
  };

  bool IsSeen(const Row& row) const;
  bool MustWait(const Session& session, Second at) const;
  bool Tell(const SessionPtr& session, PanelBatch& batch);
  void TellMoving(const Session& session, PanelBatch& batch) const;
  PanelClose CloseOf(const Session& session) const;
  PanelRow RowOf(const Session& session, bool is_closed) const;
  PanelCounters CountersOf(const Session& session) const;
  void AddPurges(PanelBatch& batch);
  void Committed();

  const Population& population_;
  TruthKeeper& truth_;
  Options options_;
  std::vector<SessionPtr> sessions_;                // not yet closed, in the order of their starts
  std::map<int, std::vector<SessionPtr>> cut_off_;  // by NAS: their rows are open
  std::vector<PanelClose> bulk_;                    // for the next batch
  std::vector<std::pair<RealTime, RowPtr>> to_purge_;
  std::vector<Told> told_;
  PanelWriter writer_;
};

}  // namespace usage::sim
