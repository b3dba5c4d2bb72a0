// Which rows of the panel's table of sessions are to be written, and with what.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ledger/panel_total.h"
#include "ledger/router_match.h"

namespace usage {

// An open row of the panel.
struct PanelRow {
  std::string id;
  MatchCandidate session;
  Volume shows;  // NULL is 0
};

struct LatestReading {
  std::string router;
  std::string tenant;  // whose the router is; "": several tenants'
  std::shared_ptr<const RouterReading> reading;
};

struct PanelUpdate {
  std::string id;
  Volume counters;

  friend bool operator==(const PanelUpdate&, const PanelUpdate&) = default;
};

struct PanelUpdates {
  std::vector<PanelUpdate> rows;  // by id
  uint64_t unmatched = 0;         // open rows that no router's row is, or more than one
};

// Of one thread. Remembers a total for each open row.
class PanelPlan {
 public:
  explicit PanelPlan(uint64_t line_bits_per_second) : line_(line_bits_per_second) {}

  // `rows`: all open ones; what is remembered of others is forgotten.
  PanelUpdates Make(const std::vector<PanelRow>& rows, std::span<const LatestReading> readings);

 private:
  using Totals = std::map<std::string, PanelTotal>;  // by the row's id

  void Keep(const std::vector<PanelRow>& rows);

  uint64_t line_;
  Totals totals_;
};

}  // namespace usage
