#include "sources/postgres/user_session_row.h"

#include <algorithm>

#include "core/mac.h"
#include "sources/postgres/row_values.h"

namespace usage {
namespace {

std::vector<std::string> NormalisedAll(const std::vector<std::string>& texts) {
  std::vector<std::string> all;
  for (const std::string& text : texts) all.push_back(Normalised(text));
  return all;
}

// Not open, and nothing to wonder about.
bool IsUsualEnd(const std::string& status) {
  static constexpr std::string_view kUsual[] = {
      "aborted", "blocked",  "cancelled",    "canceled",   "closed",     "completed",
      "deleted", "disabled", "disconnected", "ended",      "expired",    "exhausted",
      "failed",  "finished", "inactive",     "kicked",     "logged_out", "offline",
      "paused",  "stopped",  "suspended",    "terminated", "timeout",    "used"};
  return std::find(std::begin(kUsual), std::end(kUsual), status) != std::end(kUsual);
}

// A timestamp with zone is shown on the clock of the table's zone, like the ones without.
std::string LocalColumn(const TableFacts& table, const std::string& column,
                        const std::string& zone) {
  const bool has_zone = table.columns.at(column).type == "timestamp with time zone";
  return has_zone ? "s." + column + " AT TIME ZONE '" + zone + "'" : "s." + column;
}

// A voucher is what its owner signs in with; without that column the subscriber may be.
std::string WhereList(const TableFacts& table, const std::string& subscriber_sql) {
  const bool has_vouchers = table.columns.count("voucher") > 0;
  const std::string user =
      has_vouchers ? TextIfThere(table, "s", "voucher") : "(" + subscriber_sql + ")::text";
  return ", btrim(" + user + "), " + TextIfThere(table, "s", "mac_address");
}

}  // namespace

struct UserSessionRow::Times {
  std::optional<LocalMicros> created, start, end, updated;
};

struct UserSessionRow::Counters {
  std::optional<uint64_t> used, upload, download;
};

UserSessionRow::UserSessionRow(const UserSessionsConfig& config)
    : config_(config),
      open_statuses_(NormalisedAll(config.open_statuses)),
      local_(config.time_zone) {}

std::vector<ColumnWish> UserSessionRow::Columns() {
  return {{"id", ColumnKind::kUuid},
          {"tenant_id", ColumnKind::kAny},
          {"status", ColumnKind::kText},
          {"start_time", ColumnKind::kTimestamp},
          {"end_time", ColumnKind::kTimestamp},
          {"created_at", ColumnKind::kTimestamp},
          {"updated_at", ColumnKind::kTimestamp},
          {"data_used", ColumnKind::kInteger},
          {"data_upload", ColumnKind::kInteger},
          {"data_download", ColumnKind::kInteger}};
}

std::string UserSessionRow::SelectList(const TableFacts& table) {
  tenant_is_uuid_ = table.columns.at("tenant_id").type == "uuid";
  const auto time = [&](const std::string& column) {
    return LocalColumn(table, column, config_.time_zone) + ", ";
  };
  return "s.id, " + time("created_at") + time("start_time") + time("end_time") +
         time("updated_at") + (tenant_is_uuid_ ? "s.tenant_id" : "s.tenant_id::text") + ", (" +
         config_.subscriber_sql + ")::text, (" + config_.access_sql +
         ")::text, s.status, s.data_used::int8, s.data_upload::int8, s.data_download::int8" +
         (config_.with_whereabouts ? WhereList(table, config_.subscriber_sql) : "");
}

std::optional<int64_t> UserSessionRow::CreatedAt(std::string_view content) {
  CaseSet ignored;
  return PossibleTime(PgFields(content).Timestamp(), ignored);
}

DecodedRow UserSessionRow::Decode(const TableRow& row, Instant read_at) const {
  DecodedRow decoded;
  Observation& seen = decoded.observation;
  PgFields fields(row.content);
  Times times;
  ReadTimes(fields, times, decoded.cases);
  seen.key = row.key;
  seen.tenant = tenant_is_uuid_ ? fields.Uuid().value_or("") : TextOf(fields.Text(), decoded.cases);
  seen.subscriber = TextOf(fields.Text(), decoded.cases);
  seen.access = AccessOf(fields.Text(), decoded.cases);
  SetStatus(fields.Text(), decoded);
  Counters counters;
  counters.used = Counter(fields.Int8(), decoded.cases);
  counters.upload = Counter(fields.Int8(), decoded.cases);
  counters.download = Counter(fields.Int8(), decoded.cases);
  SetCounters(counters, decoded);
  SetTimes(times, read_at, seen);
  if (config_.with_whereabouts) seen.where = ReadWhere(fields);
  return decoded;
}

// In the order of WhereList. A subscriber that is named by the MAC has no other name here.
Whereabouts UserSessionRow::ReadWhere(PgFields& fields) {
  Whereabouts where;
  where.user = fields.Text().value_or("");
  where.mac = ParseMac(fields.Text().value_or("")).value_or(0);
  if (ParseMac(where.user)) where.user.clear();
  return where;
}

void UserSessionRow::ReadTimes(PgFields& fields, Times& times, CaseSet& cases) const {
  times.created = PossibleTime(fields.Timestamp(), cases);
  times.start = PossibleTime(fields.Timestamp(), cases);
  times.end = PossibleTime(fields.Timestamp(), cases);
  times.updated = PossibleTime(fields.Timestamp(), cases);
}

// While the status is open, end_time is when the session will expire. When it is closed, it is the
// end unless it lies ahead of the last update: then the session was ended before its time.
void UserSessionRow::SetTimes(const Times& times, Instant read_at, Observation& seen) const {
  const auto start = times.start ? times.start : times.created;
  if (start) seen.started = local_.First(*start);
  if (times.updated) seen.stamp = local_.LastUntil(*times.updated, read_at);
  if (seen.open) return;
  if (times.end) seen.stopped = local_.LastUntil(*times.end, read_at);
  const Instant latest = seen.stamp.value_or(read_at);
  if (!seen.stopped || *seen.stopped > latest) seen.stopped = seen.stamp;
}

void UserSessionRow::SetCounters(const Counters& counters, DecodedRow& decoded) const {
  Observation& seen = decoded.observation;
  seen.upload = counters.upload;
  seen.download = counters.download;
  const uint64_t sum = seen.upload.value_or(0) + seen.download.value_or(0);
  const uint64_t used = counters.used.value_or(0);
  if (used == 0 || used == sum) return;
  if (sum == 0) return SetUsedOnly(used, decoded);
  decoded.cases.Add(SourceCase::kUsedDisagrees);
  decoded.used_difference = used > sum ? used - sum : sum - used;
}

void UserSessionRow::SetUsedOnly(uint64_t used, DecodedRow& decoded) const {
  decoded.cases.Add(SourceCase::kUsedOnly);
  if (config_.used_only == UsedOnly::kUpload) decoded.observation.upload = used;
  if (config_.used_only == UsedOnly::kDownload) decoded.observation.download = used;
}

void UserSessionRow::SetStatus(std::optional<std::string_view> status, DecodedRow& decoded) const {
  const std::string normalised = Normalised(status.value_or(""));
  decoded.observation.open = IsOpen(normalised);
  if (decoded.observation.open || IsUsualEnd(normalised)) return;
  decoded.cases.Add(SourceCase::kOddStatus);
}

bool UserSessionRow::IsOpen(std::string_view normalised_status) const {
  return std::find(open_statuses_.begin(), open_statuses_.end(), normalised_status) !=
         open_statuses_.end();
}

}  // namespace usage
