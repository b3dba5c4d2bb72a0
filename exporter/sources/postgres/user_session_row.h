// A row of the panel's table `user_sessions`: which columns are asked for, and what they say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "sources/postgres/local_time.h"
#include "sources/postgres/session_table.h"
#include "sources/postgres/table_facts.h"

namespace usage {

// Of one thread.
class UserSessionRow {
 public:
  explicit UserSessionRow(const UserSessionsConfig& config);

  static std::vector<ColumnWish> Columns();

  // The SELECT list, alias s: the id, then what Decode takes. Of this table from now on.
  std::string SelectList(const TableFacts& table);

  // What is compared with the cursor; the first of the fields that Decode takes. No value for
  // NULL and impossible times.
  static std::optional<int64_t> CreatedAt(std::string_view content);

  DecodedRow Decode(const TableRow& row, Instant read_at) const;

  // Of a status, trimmed and in any case. NULL says nothing: not open.
  bool IsOpen(std::string_view normalised_status) const;

 private:
  struct Times;
  struct Counters;
  static Whereabouts ReadWhere(PgFields& fields);
  void ReadTimes(PgFields& fields, Times& times, CaseSet& cases) const;
  void SetTimes(const Times& times, Instant read_at, Observation& seen) const;
  void SetCounters(const Counters& counters, DecodedRow& decoded) const;
  void SetUsedOnly(uint64_t used, DecodedRow& decoded) const;
  void SetStatus(std::optional<std::string_view> status, DecodedRow& decoded) const;

  const UserSessionsConfig& config_;
  const std::vector<std::string> open_statuses_;  // normalised
  LocalTime local_;
  bool tenant_is_uuid_ = true;
};

}  // namespace usage
