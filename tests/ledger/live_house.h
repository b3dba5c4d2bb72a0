// A ledger and the routers' books beside it, as the program drives them.
#pragma once

#include <map>
#include <sstream>
#include <string>

#include "ledger/authority.h"
#include "ledger/router_books.h"
#include "tests/ledger/books.h"

namespace usage::testing {

inline Instant Noon() { return T(11, 23, 12); }

// One tenant, "acme", whose sessions are PPPoE ones named by their user.
class LiveHouse {
 public:
  explicit LiveHouse(RouterRules rules = {})
      : rules_(rules), ledger_(LedgerRules()), books_(rules) {
    ledger_.RestoreBirth(Noon());
    ledger_.Apply(ledger_.PlanTenants({{"acme", "acme", "", {}, Zone::Find("UTC"), 1}}, Noon()),
                  Noon());
    books_.SetRouters({{"r1", "acme"}, {"r2", ""}});
  }

  void Open(const std::string& name, Instant seen, Instant started, const Whereabouts& where = {}) {
    Observation& row = rows_[name] = Observation();
    row.key = name;
    row.tenant = "acme";
    row.subscriber = name;
    row.access = Access::kPppoe;
    row.started = row.stamp = started;
    row.where = where;
    if (row.where->user.empty()) row.where->user = name;
    See(name, seen);
  }
  void Say(const std::string& name, Instant seen, Volume counted, Instant stamp) {
    Observation& row = rows_.at(name);
    row.stamp = stamp;
    row.upload = counted.upload;
    row.download = counted.download;
    See(name, seen);
  }
  void Stop(const std::string& name, Instant seen, Volume counted, Instant stopped) {
    rows_.at(name).open = false;
    rows_.at(name).stopped = stopped;
    Say(name, seen, counted, stopped);
  }
  void Vanish(const std::string& name, Instant now) {
    SourceBatch batch;
    batch.gone = {name};
    Book(batch, now);
  }
  void Take(const std::string& router, const RouterReading& reading) {
    (void)ledger_.Advance(reading.at);
    books_.Take(ledger_, {router, router == "r1" ? "acme" : ""}, reading);
  }

  const LiveFigures& Live(Instant now) {
    static const LiveFigures kNone;
    (void)ledger_.Advance(now);
    books_.Count(ledger_, now);
    const LiveFigures* live = books_.Live("acme", Access::kPppoe);
    return live == nullptr ? kNone : *live;
  }
  Volume Booked() const {
    const auto& totals = ledger_.FindTenant("acme")->access[1];
    return totals ? totals->total : Volume{};
  }
  RouterBooks& books() { return books_; }
  const Ledger& ledger() const { return ledger_; }

 private:
  void See(const std::string& name, Instant now) {
    SourceBatch batch;
    batch.observations = {rows_.at(name)};
    Book(batch, now);
    const Session* session = ledger_.FindSession({1, name});
    if (!session->baseline.closed) books_.Place(ledger_, *session, *rows_.at(name).where);
  }
  void Book(const SourceBatch& batch, Instant now) {
    (void)ledger_.Advance(now);
    const Change change = ledger_.Plan(1, batch, now);
    ledger_.Apply(change);
    for (const SessionChange& session : change.sessions) books_.Hear(ledger_, session);
  }

  const RouterRules rules_;
  Ledger ledger_;
  RouterBooks books_;
  std::map<std::string, Observation> rows_;
};

}  // namespace usage::testing
