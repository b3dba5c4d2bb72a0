#include "sources/postgres/user_sessions.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sources/postgres/key_lists.h"
#include "sources/postgres/row_values.h"

namespace usage {
namespace {

using std::chrono::minutes;

constexpr Duration kLateCommits = minutes(10);
constexpr Duration kDay = std::chrono::hours(24);
constexpr minutes kLearnEvery{1};
constexpr size_t kKeysAtOnce = 5000;
constexpr char kCursorWord[] = "created_at";

// As PostgreSQL reads it, and the ledger keeps it.
std::string FormatLocal(LocalMicros local) {
  if (local == CreatedCursor::kNever) return "-infinity";
  std::string text = FormatInstant(FromUnixMicros(local));
  text.pop_back();  // the Z: it is no UTC
  return text;
}

std::optional<LocalMicros> ParseLocal(const std::string& text) {
  if (text == "-infinity") return CreatedCursor::kNever;
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0;
  if (sscanf(text.c_str(), "%4d-%2u-%2uT%2u:%2u:%2u.%6u", &year, &month, &day, &hour, &minute,
             &second, &micros) != 7) {
    return std::nullopt;
  }
  const int64_t days = Day::FromCivil(year, month, day).number;
  return ((days * 24 + hour) * 60 + minute) * 60'000'000 + second * int64_t{1'000'000} + micros;
}

// The id of a row as text.
class KeyText {
 public:
  // False: a view shows a row without an id.
  bool Take(PgFields& fields) {
    const auto bytes = fields.Bytes();
    if (!bytes || bytes->size() != 16) return false;
    FormatUuid(*bytes, text_.data());
    return true;
  }
  std::string_view view() const { return {text_.data(), text_.size()}; }

 private:
  std::array<char, 36> text_;
};

bool HasZone(const TableFacts& table) {
  return table.columns.at("created_at").type == "timestamp with time zone";
}

}  // namespace

std::string CreatedCursor::ToString() const {
  return std::string(kCursorWord) + " " + FormatLocal(floor) + " " + FormatLocal(newest);
}

std::optional<CreatedCursor> CreatedCursor::Parse(const std::string& text) {
  const size_t first = text.find(' '), second = text.rfind(' ');
  if (first == std::string::npos || text.substr(0, first) != kCursorWord) return std::nullopt;
  const auto floor = ParseLocal(text.substr(first + 1, second - first - 1));
  const auto newest = ParseLocal(text.substr(second + 1));
  if (!floor || !newest) return std::nullopt;
  return CreatedCursor{*floor, *newest};
}

UserSessionsTable::UserSessionsTable(const std::string& source, const DatabaseConfig& database,
                                     std::chrono::milliseconds timeout, UserSessionsConfig config)
    : config_(std::move(config)),
      session_("source " + source, "usage_exporter/" + source, database, timeout),
      row_(config_),
      local_(config_.time_zone) {}

void UserSessionsTable::Begin(Instant read_at) {
  read_at_ = read_at;
  const bool was_ended = std::exchange(is_reading_, true) == false;
  session_.Begin();
  const auto now = std::chrono::steady_clock::now();
  const bool is_new = learnt_connection_ != session_.connections();
  if (is_new || !was_ended) horizon_.reset();
  if (is_new || !was_ended || now - learnt_at_ >= kLearnEvery) Learn();
  if (!cursor_) LearnCursor();
}

void UserSessionsTable::End() {
  session_.End();
  horizon_ = session_.horizon();
  is_reading_ = false;
}

void UserSessionsTable::EndOfSome() {
  session_.End();
  is_reading_ = false;
}

void UserSessionsTable::Learn() {
  LearnTable();
  TryExpression("subscriber_sql", config_.subscriber_sql);
  TryExpression("access_sql", config_.access_sql);
  select_list_ = row_.SelectList(table_);
  LearnSpellings();
  Advise();
  learnt_connection_ = session_.connections();
  learnt_at_ = std::chrono::steady_clock::now();
}

void UserSessionsTable::LearnTable() {
  auto found = FindTables(session_, {config_.table}).front();
  if (!found) throw session_.Fault(NoSuchTable(session_, config_.table, "table"));
  const std::string missing =
      WhatIsMissing(*found, UserSessionRow::Columns(), CurrentRole(session_));
  if (!missing.empty()) throw session_.Fault(missing);
  table_ = std::move(*found);
  if (table_.HasIndexOn("id") || table_.IsView() || table_.IsScannable()) return;
  throw session_.Fault("no index finds the rows of " + table_.name + " by id: ALTER TABLE " +
                       table_.name + " ADD PRIMARY KEY (id);");
}

// A fault of an expression is reported as such, and not at some row.
void UserSessionsTable::TryExpression(const std::string& setting, const std::string& expression) {
  try {
    session_.Query("SELECT (" + expression + ")::text" + FromTable() + "false");
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(std::string(error.what()) + "; correct " + setting + ": " +
                             expression);
  }
}

// The distinct statuses, each by one descent of the index: the comparison is trimmed and in any
// case, while the index knows the spellings only.
void UserSessionsTable::LearnSpellings() {
  spellings_.clear();
  if (!table_.HasIndexOn("status")) return;
  const std::string next = "(SELECT s.status" + FromTable();
  const PgRows rows =
      session_.Query("WITH RECURSIVE spelling(status) AS (" + next +
                     "s.status IS NOT NULL"
                     " ORDER BY s.status LIMIT 1) UNION ALL SELECT " +
                     next +
                     "s.status > p.status"
                     " ORDER BY s.status LIMIT 1) FROM spelling p WHERE p.status IS NOT NULL)"
                     " SELECT status FROM spelling WHERE status IS NOT NULL LIMIT 1000");
  for (const auto& row : rows) {
    if (row_.IsOpen(Normalised(*row[0]))) spellings_.push_back(*row[0]);
  }
  // A status that nobody has had yet may come within the minute.
  spellings_.insert(spellings_.end(), config_.open_statuses.begin(), config_.open_statuses.end());
}

void UserSessionsTable::Advise() {
  advice_.clear();
  if (table_.IsView()) return;
  const std::string rarely = table_.IsScannable() ? "by a scan" : "by a scan every 5 minutes";
  if (!table_.HasIndexOn("created_at")) {
    advice_.push_back("sessions that begin and end between two readings are found " + rarely +
                      (scan_was_cut_short_ ? ", which takes too long and was cut short" : "") +
                      ": CREATE INDEX CONCURRENTLY ON " + table_.name + " (created_at);");
  }
  if (!table_.HasIndexOn("status")) {
    advice_.push_back("open sessions are found " + rarely + ": CREATE INDEX CONCURRENTLY ON " +
                      table_.name + " (status);");
  }
}

// What is in the table at the first reading ever is history. A row from a far future is no bound:
// it would hide all that comes until then; a few hours may be a wrong time_zone.
void UserSessionsTable::LearnCursor() {
  const LocalMicros now = local_.Reading(Instant(session_.server_time()));
  cursor_ = CreatedCursor();
  if (session_.Query("SELECT 1" + FromTable() + "true LIMIT 1").empty()) return;
  cursor_->floor = cursor_->newest = now;
  if (IsScarce()) return arrivals_scan_.Skip(read_at_);
  const std::string created =
      HasZone(table_) ? "s.created_at AT TIME ZONE " + Zone() : "s.created_at";
  const PgRows rows = session_.Query(
      "SELECT (extract(epoch FROM max(" + created + ")) * 1000000)::bigint" + FromTable() +
      "s.created_at > '1990-01-01' AND s.created_at < " + CreatedBound(now + kDay.count()));
  if (rows[0][0]) cursor_->floor = cursor_->newest = std::stoll(*rows[0][0]);
}

std::string UserSessionsTable::Zone() const { return session_.Literal(config_.time_zone); }

std::string UserSessionsTable::CreatedBound(LocalMicros local) const {
  const std::string bound = "'" + FormatLocal(local) + "'::timestamp";
  return HasZone(table_) ? "(" + bound + " AT TIME ZONE " + Zone() + ")" : bound;
}

std::string UserSessionsTable::OpenCondition() const {
  const std::vector<std::string>& statuses =
      spellings_.empty() ? config_.open_statuses : spellings_;
  std::string list;
  for (const std::string& status : statuses) {
    const std::string& text = spellings_.empty() ? Normalised(status) : status;
    list += (list.empty() ? "" : ", ") + session_.Literal(text);
  }
  const std::string column =
      spellings_.empty() ? "lower(btrim(s.status, E' \\t\\n\\v\\f\\r'))" : "s.status::text";
  return column + " = ANY (ARRAY[" + list + "]::text[])";
}

// Rows whose version is of a transaction that was not finished at the snapshot before.
std::string UserSessionsTable::ChangedCondition() const {
  return "age(s.xmin) <= (SELECT age('" + std::to_string(*horizon_) + "'::xid))";
}

bool UserSessionsTable::CanCompareVersions() const {
  return horizon_.has_value() && table_.HasVersions();
}

// When it is not due, the tracker reads the open rows that it knows by key.
void UserSessionsTable::VisitOpen(Scope scope, const Visit& visit) {
  newest_seen_ = CreatedCursor::kNever;
  if (!open_scan_.IsDue(table_, table_.HasIndexOn("status"), read_at_)) return;
  const std::string open = OpenCondition();
  if (scope == Scope::kAll || !CanCompareVersions()) return VisitRows(open, visit);
  VisitRows(open + " AND " + ChangedCondition(), visit);
  session_.CopyOut("SELECT s.id" + FromTable() + open + " AND NOT " + ChangedCondition(),
                   [&](PgFields fields) { ShowKey(fields, visit); });
}

void UserSessionsTable::VisitArrived(Scope scope, const Visit& visit) {
  if (!arrivals_scan_.IsDue(table_, table_.HasIndexOn("created_at"), read_at_)) return;
  std::string condition = "(" + OpenCondition() + ") IS NOT TRUE";
  if (cursor_->newest != CreatedCursor::kNever) {
    const LocalMicros least = local_.LeastSince(cursor_->newest, kLateCommits);
    condition += " AND s.created_at > " + CreatedBound(std::max(cursor_->floor, least));
  }
  if (IsScarce()) return ScanForArrived(condition, visit);
  if (scope == Scope::kChanged && CanCompareVersions()) condition += " AND " + ChangedCondition();
  VisitRows(condition, visit);
  MoveCursor();
}

bool UserSessionsTable::IsScarce() const {
  return !table_.HasIndexOn("created_at") && !table_.IsView() && !table_.IsScannable();
}

// A table that is too large to be scanned in time must not take the open sessions with it.
void UserSessionsTable::ScanForArrived(const std::string& condition, const Visit& visit) {
  scan_was_cut_short_ = !session_.Attempt([&] { VisitRows(condition, visit); });
  if (!scan_was_cut_short_) MoveCursor();
  Advise();
}

// A row from the future must not hide those that come until then.
void UserSessionsTable::MoveCursor() {
  const LocalMicros now = local_.Reading(Instant(session_.server_time()));
  cursor_->newest = std::max(cursor_->newest, std::min(newest_seen_, now));
}

void UserSessionsTable::VisitKeys(std::span<const std::string> keys, const Visit& visit) {
  const auto show = [&](const std::string& list) {
    VisitRows("s.id = ANY ('" + list + "'::uuid[])", visit);
  };
  ForUuidLists(keys, kKeysAtOnce, show);
}

void UserSessionsTable::VisitRows(const std::string& condition, const Visit& visit) {
  session_.CopyOut("SELECT " + select_list_ + FromTable() + condition,
                   [&](PgFields fields) { ShowRow(fields, visit); });
}

void UserSessionsTable::ShowRow(PgFields fields, const Visit& visit) {
  KeyText key;
  if (!key.Take(fields)) return;
  const std::string_view content = fields.rest();
  if (const auto created = UserSessionRow::CreatedAt(content)) {
    newest_seen_ = std::max(newest_seen_, *created);
  }
  visit({key.view(), content});
}

void UserSessionsTable::ShowKey(PgFields fields, const Visit& visit) {
  KeyText key;
  if (key.Take(fields)) visit({key.view(), {}});
}

std::string UserSessionsTable::Cursor() const { return cursor_ ? cursor_->ToString() : ""; }

// What another kind of source has left behind is as good as none.
void UserSessionsTable::SetCursor(const std::string& cursor) {
  cursor_ = CreatedCursor::Parse(cursor);
}

DecodedRow UserSessionsTable::Decode(const TableRow& row) const {
  return row_.Decode(row, read_at_);
}

}  // namespace usage
