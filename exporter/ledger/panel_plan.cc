#include "ledger/panel_plan.h"

#include <algorithm>
#include <utility>

namespace usage {
namespace {

// What routers say of one row of the panel.
struct Said {
  const LatestReading* by = nullptr;
  const RouterRow* row = nullptr;
  bool is_twice = false;
};

// Several tables of a router count the same bytes: the first kind that has them is taken. Twice in
// the same kind are two sessions, and neither is surely this one.
void Offer(const LatestReading& by, const RouterRow& row, Said* said) {
  if (said->row == nullptr || row.table < said->row->table) {
    *said = {&by, &row, false};
  } else if (row.table == said->row->table) {
    said->is_twice = true;
  }
}

// By the rows' places.
std::vector<Said> Matched(const std::vector<PanelRow>& rows,
                          std::span<const LatestReading> readings) {
  MatchIndex index;
  // Into an index that is empty they go one after the other: the slot is the place.
  for (const PanelRow& row : rows) index.Add(row.session);
  std::vector<Said> said(rows.size());
  for (const LatestReading& reading : readings) {
    for (const RouterRow& row : reading.reading->rows) {
      if (!row.upload || !row.download) continue;
      const RouterMatch match = index.Find(reading.tenant, row, reading.reading->at);
      if (match.slot) Offer(reading, row, &said[*match.slot]);
    }
  }
  return said;
}

RouterCount CountOf(const Said& said) {
  const RouterRow& row = *said.row;
  RouterCount count;
  count.router = said.by->router;
  count.table = row.table;
  count.session_id = row.session_id;
  count.at = said.by->reading->at;
  if (row.uptime) count.began = count.at - *row.uptime;
  count.counted = {*row.upload, *row.download};
  return count;
}

// The sum of both is a bigint too. A row beyond would fail with all others of its batch, each time.
constexpr uint64_t kMost = INT64_MAX / 2;

bool IsToBeWritten(const Volume& shows, const Volume& total) {
  const bool shows_less = shows.upload < total.upload || shows.download < total.download;
  return shows_less &&
         std::max({shows.upload, shows.download, total.upload, total.download}) <= kMost;
}

}  // namespace

PanelUpdates PanelPlan::Make(const std::vector<PanelRow>& rows,
                             std::span<const LatestReading> readings) {
  Keep(rows);
  const std::vector<Said> said = Matched(rows, readings);
  PanelUpdates updates;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (said[i].row == nullptr || said[i].is_twice) {
      ++updates.unmatched;
      continue;
    }
    const PanelRow& row = rows[i];
    PanelTotal& total = totals_.try_emplace(row.id, line_).first->second;
    const Volume counters = total.Take({row.shows, row.session.started}, CountOf(said[i]));
    if (IsToBeWritten(row.shows, counters)) updates.rows.push_back({row.id, counters});
  }
  std::sort(updates.rows.begin(), updates.rows.end(),
            [](const PanelUpdate& a, const PanelUpdate& b) { return a.id < b.id; });
  return updates;
}

void PanelPlan::Keep(const std::vector<PanelRow>& rows) {
  Totals kept;
  for (const PanelRow& row : rows) {
    if (auto known = totals_.extract(row.id)) kept.insert(std::move(known));
  }
  totals_ = std::move(kept);
}

}  // namespace usage
