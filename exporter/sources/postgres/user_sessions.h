// The panel's table `user_sessions`.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "sources/postgres/read_session.h"
#include "sources/postgres/scarce_scan.h"
#include "sources/postgres/session_table.h"
#include "sources/postgres/table_facts.h"
#include "sources/postgres/user_session_row.h"

namespace usage {

// Where the search for new rows goes on: readings of the clock that wrote created_at.
struct CreatedCursor {
  static constexpr LocalMicros kNever = INT64_MIN;  // before every row

  LocalMicros floor = kNever;   // of the first reading ever: what was there then is history
  LocalMicros newest = kNever;  // of the newest row seen

  std::string ToString() const;  // "created_at 2026-11-23T08:00:00.000000 2026-11-23T08:10:00.5"
  static std::optional<CreatedCursor> Parse(const std::string& text);
};

class UserSessionsTable : public SessionTable {
 public:
  UserSessionsTable(const std::string& source, const DatabaseConfig& database,
                    std::chrono::milliseconds timeout, UserSessionsConfig config);

  void Begin(Instant read_at) override;
  void End() override;
  void EndOfSome() override;
  void VisitOpen(Scope scope, const Visit& visit) override;
  void VisitArrived(Scope scope, const Visit& visit) override;
  void VisitKeys(std::span<const std::string> keys, const Visit& visit) override;
  std::string Cursor() const override;
  void SetCursor(const std::string& cursor) override;
  DecodedRow Decode(const TableRow& row) const override;
  std::vector<std::string> Advice() const override { return advice_; }

 private:
  using Time = std::chrono::steady_clock::time_point;

  void Learn();
  void LearnTable();
  void TryExpression(const std::string& setting, const std::string& expression);
  void LearnSpellings();
  void LearnCursor();
  void Advise();

  bool CanCompareVersions() const;

  std::string FromTable() const { return " FROM " + table_.name + " s WHERE "; }
  std::string OpenCondition() const;
  std::string ChangedCondition() const;
  std::string CreatedBound(LocalMicros local) const;
  std::string Zone() const;

  void VisitRows(const std::string& condition, const Visit& visit);
  bool IsScarce() const;
  void ScanForArrived(const std::string& condition, const Visit& visit);
  void MoveCursor();
  void ShowRow(PgFields fields, const Visit& visit);
  static void ShowKey(PgFields fields, const Visit& visit);

  const UserSessionsConfig config_;
  ReadSession session_;
  UserSessionRow row_;
  const LocalTime local_;

  // Learnt from the catalogue: anew for each connection, after a fault and once a minute.
  uint64_t learnt_connection_ = 0;
  Time learnt_at_;
  TableFacts table_;
  std::string select_list_;
  std::vector<std::string> spellings_;  // of the open statuses; none when no index has them
  std::vector<std::string> advice_;

  bool is_reading_ = false;  // between Begin and End
  Instant read_at_;
  std::optional<uint32_t> horizon_;  // of the snapshot before; none: every row may have changed
  std::optional<CreatedCursor> cursor_;
  LocalMicros newest_seen_ = CreatedCursor::kNever;  // in this snapshot
  ScarceScan open_scan_;
  ScarceScan arrivals_scan_;
  bool scan_was_cut_short_ = false;
};

}  // namespace usage
