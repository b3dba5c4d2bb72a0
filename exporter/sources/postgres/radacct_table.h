// Some tables `radacct` that are read as one: the only one, or those of a group of schemas.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "sources/postgres/radacct_cursor.h"
#include "sources/postgres/radacct_row.h"
#include "sources/postgres/read_session.h"
#include "sources/postgres/scarce_scan.h"
#include "sources/postgres/session_table.h"

namespace usage {

class RadacctTable : public SessionTable {
 public:
  // Both are the source's, and outlive the table.
  RadacctTable(const RadacctConfig& config, ReadSession& session);

  // The tables that can be read now; keys of others are left alone. Between snapshots.
  void SetParts(std::vector<RadacctPart> parts);

  void Begin(Instant read_at) override;
  void End() override;
  void EndOfSome() override;
  void VisitOpen(Scope scope, const Visit& visit) override;
  void VisitArrived(Scope scope, const Visit& visit) override;
  void VisitKeys(std::span<const std::string> keys, const Visit& visit) override;
  std::string Cursor() const override;
  // Keeps the numbers of the schemas that `cursor` does not name.
  void SetCursor(const std::string& cursor) override;
  bool Covers(std::string_view key) const override;
  DecodedRow Decode(const TableRow& row) const override;
  std::vector<std::string> Advice() const override { return {}; }

 private:
  struct Part : RadacctPart {
    ScarceScan open_scan;
  };

  // The SELECTs of the parts for which `condition` gives one, as one query.
  template <typename Condition>
  std::string UnionOf(const Condition& condition) const;
  std::string Select(size_t number) const;
  void VisitRows(const std::string& query, const Visit& visit);
  void VisitUnchangedKeys(const std::vector<bool>& is_due, const Visit& visit);
  std::string ChangedCondition() const;
  bool CanCompareVersions() const;
  void LearnNumbers();
  void VisitSomeKeys(std::span<const std::string> keys, const Visit& visit);

  const RadacctConfig& config_;
  ReadSession& session_;
  std::vector<Part> parts_;
  std::map<std::string, RadacctCursor> cursors_;  // by schema

  bool is_reading_ = false;
  uint64_t connection_ = 0;
  Instant read_at_;
  std::optional<uint32_t> horizon_;  // of the snapshot before; none: every row may have changed
};

}  // namespace usage
