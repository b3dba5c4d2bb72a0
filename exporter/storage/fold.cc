#include "storage/fold.h"

#include <algorithm>

#include "storage/arrays.h"
#include "storage/pq.h"

namespace usage {
namespace {

// Columns of a table to be, in the order of the unnest() that reads them.
template <size_t N>
class Columns {
 public:
  template <typename... Values>
  void Add(const Values&... values) {
    static_assert(sizeof...(Values) == N);
    size_t column = 0;
    (AddValue(column++, values), ...);
  }
  bool empty() const { return columns_[0].empty(); }

  void Execute(pqxx::transaction_base& tx, const std::string& sql) const {
    if (!empty()) ExecuteWith(tx, sql, std::make_index_sequence<N>());
  }

 private:
  void AddValue(size_t column, const std::string& text) { columns_[column].AddText(text); }
  template <typename T>
  void AddValue(size_t column, const T& value) {
    columns_[column].Add(value);
  }
  template <size_t... I>
  void ExecuteWith(pqxx::transaction_base& tx, const std::string& sql,
                   std::index_sequence<I...>) const {
    tx.exec_params(sql, columns_[I].str()...);
  }

  ArrayLiteral columns_[N];
};

std::string Time(const std::string& micros) {
  return "timestamptz 'epoch' + " + micros + " * interval '1 microsecond'";
}

const std::string kToDay = "date '1970-01-01' + ";

}  // namespace

void FoldBuffer::Add(const Change& change) {
  ++change_count_;
  accounts_.insert(accounts_.end(), change.accounts.begin(), change.accounts.end());
  for (const SessionChange& session : change.sessions) AddSession(session);
  for (const Share& share : change.shares) AddShare(share, change.at);
  for (const Parked& p : change.parked) {
    parked_[{p.session, p.account, p.source, p.flow.from, p.flow.to}] += p.flow.volume;
  }
  unparked_.insert(unparked_.end(), change.unparked.begin(), change.unparked.end());
}

void FoldBuffer::AddSession(const SessionChange& change) {
  SessionRow& row = sessions_[change.ref];
  if (change.opened) row.opened = change.opened;
  row.account = change.account;
  row.baseline = change.after;
  AccountTotals& totals = totals_[change.account];
  totals.started += change.started;
  totals.ended += change.ended;
  totals.data_at = std::max(totals.data_at, change.after.mark);
}

void FoldBuffer::AddShare(const Share& share, Instant at) {
  auto& [account, volume] = session_days_[{share.session, share.day}];
  account = share.account;
  volume += share.volume;
  account_days_[{share.account, share.day, share.period}] += share.volume;
  if (share.late) late_.push_back({share, at});
}

void FoldBuffer::WriteTo(pqxx::transaction_base& tx) const {
  WriteAccounts(tx);
  WriteSessions(tx, true);
  WriteSessions(tx, false);
  WriteSessionDays(tx);
  WriteAccountDays(tx);
  WriteTotals(tx);
  WriteParked(tx);
  WriteAudit(tx);
}

void FoldBuffer::WriteAccounts(pqxx::transaction_base& tx) const {
  Columns<4> columns;
  for (const NewAccount& account : accounts_) {
    columns.Add(account.ref, account.name.tenant, std::string(AccessName(account.name.access)),
                account.name.subscriber);
  }
  columns.Execute(tx,
                  "INSERT INTO account (account_ref, tenant_id, access, subscriber) "
                  "SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::text[])");
}

void FoldBuffer::WriteSessions(pqxx::transaction_base& tx, bool opened) const {
  Columns<14> columns;
  for (const auto& [ref, row] : sessions_) {
    if (row.opened.has_value() != opened) continue;
    const Baseline& b = row.baseline;
    columns.Add(ref, uint32_t{opened ? row.opened->source : SourceRef{0}},
                opened ? row.opened->key : std::string(), row.account, b.counted.upload,
                b.counted.download, b.booked.upload, b.booked.download, b.started, b.mark, b.stamp,
                b.closed, b.by_readers_clock, b.refused);
  }
  static const std::string kRows =
      "SELECT ref, source, key, account, cu, cd, bu, bd, " + Time("started") + " AS started, " +
      Time("mark") + " AS mark, " + Time("stamp") + " AS stamp, " + Time("closed") +
      " AS closed, by_clock, refused FROM unnest($1::bigint[], $2::smallint[], $3::text[], "
      "$4::int[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], "
      "$10::bigint[], $11::bigint[], $12::bigint[], $13::bool[], $14::bool[]) "
      "AS r(ref, source, key, account, cu, cd, bu, bd, started, mark, stamp, closed, by_clock, "
      "refused)";
  static const std::string kInsert = "INSERT INTO session " + kRows;
  // closed_at is indexed: a row whose closed_at stays the same is updated in place (HOT).
  static const std::string kUpdate =
      "UPDATE session s SET counted_upload = cu, counted_download = cd, booked_upload = bu, "
      "booked_download = bd, started_at = started, marked_at = mark, stamp_at = stamp, "
      "closed_at = closed, by_readers_clock = by_clock, refused = r.refused FROM (" +
      kRows + ") r WHERE s.session_ref = r.ref";
  columns.Execute(tx, opened ? kInsert : kUpdate);
}

void FoldBuffer::WriteSessionDays(pqxx::transaction_base& tx) const {
  Columns<5> columns;
  for (const auto& [key, entry] : session_days_) {
    columns.Add(key.first, entry.first, key.second, entry.second.upload, entry.second.download);
  }
  columns.Execute(tx, "INSERT INTO session_day AS d SELECT s, a, " + kToDay +
                          "day, u, v FROM unnest($1::bigint[], $2::int[], $3::int[], $4::bigint[], "
                          "$5::bigint[]) AS r(s, a, day, u, v) ON CONFLICT (session_ref, day) DO "
                          "UPDATE SET upload_bytes = d.upload_bytes + excluded.upload_bytes, "
                          "download_bytes = d.download_bytes + excluded.download_bytes");
}

// Days, months and totals of accounts and of tenants are the same bytes, added up four times in
// the same statement's snapshot.
void FoldBuffer::WriteAccountDays(pqxx::transaction_base& tx) const {
  Columns<5> columns;
  for (const auto& [key, volume] : account_days_) {
    columns.Add(key.account, key.day, key.period, volume.upload, volume.download);
  }
  auto add = [](const std::string& table, const std::string& key, const std::string& columns_of,
                const std::string& from) {
    return "INSERT INTO " + table + " AS t (" + key + ", upload_bytes, download_bytes) SELECT " +
           columns_of + ", sum(u)::bigint, sum(v)::bigint FROM " + from + " GROUP BY " +
           columns_of + " ON CONFLICT (" + key +
           ") DO UPDATE SET upload_bytes = t.upload_bytes + excluded.upload_bytes, "
           "download_bytes = t.download_bytes + excluded.download_bytes";
  };
  static const std::string kSql =
      "WITH share AS MATERIALIZED (SELECT a AS account_ref, " + kToDay + "d AS day, " + kToDay +
      "p AS period, u, v FROM unnest($1::int[], $2::int[], $3::int[], $4::bigint[], $5::bigint[]) "
      "AS r(a, d, p, u, v)), named AS MATERIALIZED (SELECT tenant_id, access, day, period, u, v "
      "FROM share JOIN account USING (account_ref)), "
      "x1 AS (" +
      add("account_day", "account_ref, day", "account_ref, day", "share") +
      "), "
      "x2 AS (" +
      add("account_month", "account_ref, period", "account_ref, period", "share") + "), x3 AS (" +
      add("tenant_day", "tenant_id, access, day", "tenant_id, access, day", "named") + ") " +
      add("tenant_month", "tenant_id, access, period", "tenant_id, access, period", "named");
  columns.Execute(tx, kSql);
}

void FoldBuffer::WriteTotals(pqxx::transaction_base& tx) const {
  std::map<AccountRef, Volume> volumes;
  for (const auto& [key, volume] : account_days_) volumes[key.account] += volume;
  for (const auto& [account, counts] : totals_) volumes[account];
  Columns<6> columns;
  for (const auto& [account, volume] : volumes) {
    auto it = totals_.find(account);
    AccountTotals counts = it == totals_.end() ? AccountTotals() : it->second;
    std::optional<Instant> data_at;
    if (counts.data_at != Instant()) data_at = counts.data_at;
    columns.Add(account, volume.upload, volume.download, counts.started, counts.ended, data_at);
  }
  static const std::string kSql =
      "INSERT INTO tenant_total AS t SELECT tenant_id, access, sum(u)::bigint, sum(v)::bigint, "
      "sum(started)::bigint, sum(ended)::bigint, max(" +
      Time("at") +
      ") FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], "
      "$6::bigint[]) AS r(account_ref, u, v, started, ended, at) JOIN account USING (account_ref) "
      "GROUP BY tenant_id, access ON CONFLICT (tenant_id, access) DO UPDATE SET "
      "upload_bytes = t.upload_bytes + excluded.upload_bytes, "
      "download_bytes = t.download_bytes + excluded.download_bytes, "
      "sessions_started = t.sessions_started + excluded.sessions_started, "
      "sessions_ended = t.sessions_ended + excluded.sessions_ended, "
      "data_at = greatest(t.data_at, excluded.data_at)";
  columns.Execute(tx, kSql);
}

void FoldBuffer::WriteParked(pqxx::transaction_base& tx) const {
  Columns<7> columns;
  for (const auto& [p, volume] : parked_) {
    columns.Add(p.session, p.account, uint32_t{p.source}, p.from, p.to, volume.upload,
                volume.download);
  }
  columns.Execute(tx,
                  "INSERT INTO parked AS p SELECT s, a, src, " + Time("f") + ", " + Time("t") +
                      ", u, v FROM unnest($1::bigint[], $2::int[], $3::smallint[], $4::bigint[], "
                      "$5::bigint[], $6::bigint[], $7::bigint[]) AS r(s, a, src, f, t, u, v) "
                      "ON CONFLICT (session_ref, from_at, to_at) DO UPDATE SET "
                      "upload_bytes = p.upload_bytes + excluded.upload_bytes, "
                      "download_bytes = p.download_bytes + excluded.download_bytes");
  Columns<3> gone;
  for (const Parked& p : unparked_) gone.Add(p.session, p.flow.from, p.flow.to);
  gone.Execute(tx,
               "DELETE FROM parked p USING unnest($1::bigint[], $2::bigint[], $3::bigint[]) "
               "AS r(s, f, t) WHERE p.session_ref = s AND from_at = " +
                   Time("f") + " AND to_at = " + Time("t"));
}

void FoldBuffer::WriteAudit(pqxx::transaction_base& tx) const {
  Columns<6> columns;
  for (const LateShare& late : late_) {
    const Share& share = late.share;
    columns.Add(late.at, share.account, share.day, share.session, share.volume.upload,
                share.volume.download);
  }
  columns.Execute(tx,
                  "INSERT INTO audit (booked_at, tenant_id, access, subscriber, day, session_ref, "
                  "upload_bytes, download_bytes) SELECT " +
                      Time("at") + ", tenant_id, access, subscriber, " + kToDay +
                      "d, s, u, v FROM unnest($1::bigint[], $2::int[], $3::int[], $4::bigint[], "
                      "$5::bigint[], $6::bigint[]) AS r(at, account_ref, d, s, u, v) JOIN account "
                      "USING (account_ref) ORDER BY at, d, s");
}

uint64_t FoldBuffer::CountViolations(pqxx::transaction_base& tx) const {
  ArrayLiteral refs;
  for (const auto& [ref, row] : sessions_) refs.Add(ref);
  if (refs.empty()) return 0;
  auto row = tx.exec_params1(
      "WITH booked AS (SELECT session_ref, sum(upload_bytes) AS u, sum(download_bytes) AS v FROM "
      "(SELECT session_ref, upload_bytes, download_bytes FROM session_day WHERE session_ref = "
      "ANY($1::bigint[]) UNION ALL SELECT session_ref, upload_bytes, download_bytes FROM parked "
      "WHERE session_ref = ANY($1::bigint[])) b GROUP BY session_ref) "
      "SELECT count(*) FROM session s LEFT JOIN booked USING (session_ref) WHERE s.session_ref = "
      "ANY($1::bigint[]) AND (booked_upload <> coalesce(u, 0) OR booked_download <> "
      "coalesce(v, 0))",
      refs.str());
  return row[0].as<uint64_t>();
}

}  // namespace usage
