#include "storage/loader.h"

#include <nlohmann/json.hpp>

#include "storage/arrays.h"
#include "storage/pq.h"

namespace usage {
namespace {

using nlohmann::json;

// Days and months from further back can't be current in any zone.
const std::string kRecentDays = " >= (now() AT TIME ZONE 'UTC')::date - 3 ";
const std::string kRecentMonths = " >= (now() AT TIME ZONE 'UTC')::date - 70 ";

std::string DayNumber(const std::string& column) { return column + " - date '1970-01-01'"; }

const std::string kSessionColumns =
    "session_ref, source_ref, key, account_ref, counted_upload, counted_download, booked_upload, "
    "booked_download, " +
    MicrosOf("started_at") + ", " + MicrosOf("marked_at") + ", " + MicrosOf("stamp_at") + ", " +
    MicrosOf("closed_at") + ", by_readers_clock, refused ";

Session AsSession(const pqxx::row& row) {
  Session session;
  session.ref = row[0].as<SessionRef>();
  session.name = {row[1].as<SourceRef>(), row[2].as<std::string>()};
  session.account = row[3].as<AccountRef>();
  Baseline& b = session.baseline;
  b.counted = AsVolume(row, 4);
  b.booked = AsVolume(row, 6);
  b.started = AsTime(row[8]);
  b.mark = *AsTime(row[9]);
  b.stamp = AsTime(row[10]);
  b.closed = AsTime(row[11]);
  b.by_readers_clock = row[12].as<bool>();
  b.refused = row[13].as<bool>();
  return session;
}

AccountName AsAccountName(const pqxx::row& row, int first) {
  auto access = ParseAccess(row[first + 1].as<std::string>());
  return {row[first].as<std::string>(), access.value(), row[first + 2].as<std::string>()};
}

json EraToJson(const TenantCalendar::Era& era) {
  return {{"from", UnixMicros(era.from)},
          {"first_day", era.first_day.number},
          {"first_period", era.first_period.number},
          {"zone", era.zone->name()},
          {"billing_day", era.billing_day}};
}

TenantCalendar::Era EraFromJson(const json& era) {
  const Zone* zone = Zone::Find(era.at("zone").get<std::string>());
  return {FromUnixMicros(era.at("from").get<int64_t>()),
          {era.at("first_day").get<int32_t>()},
          {era.at("first_period").get<int32_t>()},
          zone != nullptr ? zone : &Zone::Utc(),
          era.at("billing_day").get<int>()};
}

TenantCalendar CalendarOf(const std::string& text) {
  std::vector<TenantCalendar::Era> eras;
  for (const json& era : json::parse(text)) eras.push_back(EraFromJson(era));
  return TenantCalendar(std::move(eras));
}

TenantProfile AsProfile(const pqxx::row& row) {
  TenantProfile profile;
  profile.id = row[0].as<std::string>();
  profile.name = row[1].as<std::string>();
  profile.plan = row[2].as<std::string>();
  if (!row[3].is_null()) profile.quota_bytes = AsBytes(row[3]);
  profile.gone_since = AsTime(row[4]);
  profile.calendar = CalendarOf(row[5].as<std::string>());
  return profile;
}

void LoadTotals(pqxx::transaction_base& tx, Ledger* ledger) {
  auto rows = tx.exec(
      "SELECT tenant_id, access, upload_bytes, download_bytes, sessions_started, sessions_ended, " +
      MicrosOf("data_at") + " FROM tenant_total");
  for (const auto& row : rows) {
    ledger->RestoreTotals(row[0].as<std::string>(), *ParseAccess(row[1].as<std::string>()),
                          AsVolume(row, 2), AsBytes(row[4]), AsBytes(row[5]), AsTime(row[6]));
  }
}

void LoadLate(pqxx::transaction_base& tx, Ledger* ledger) {
  auto rows = tx.exec(
      "SELECT tenant_id, access, sum(upload_bytes)::bigint, "
      "sum(download_bytes)::bigint, count(*) FROM audit GROUP BY 1, 2");
  for (const auto& row : rows) {
    ledger->RestoreLate(row[0].as<std::string>(), *ParseAccess(row[1].as<std::string>()),
                        AsVolume(row, 2), AsBytes(row[4]));
  }
}

// By time, so that the current one comes last.
template <typename Restore>
void LoadByTenant(pqxx::transaction_base& tx, const std::string& table, const std::string& day,
                  const std::string& recent, Restore restore) {
  auto rows = tx.exec("SELECT tenant_id, access, " + DayNumber(day) +
                      ", upload_bytes, download_bytes FROM " + table + " WHERE " + day + recent +
                      "ORDER BY " + day);
  for (const auto& row : rows) {
    restore(row[0].as<std::string>(), *ParseAccess(row[1].as<std::string>()), AsDay(row[2]),
            AsVolume(row, 3));
  }
}

template <typename Restore>
void LoadByAccount(pqxx::transaction_base& tx, const std::string& table, const std::string& day,
                   const std::string& recent, const std::string& where, Restore restore) {
  auto rows =
      tx.exec("SELECT account_ref, " + DayNumber(day) + ", upload_bytes, download_bytes FROM " +
              table + " WHERE " + day + recent + where + "ORDER BY " + day);
  for (const auto& row : rows) restore(row[0].as<AccountRef>(), AsDay(row[1]), AsVolume(row, 2));
}

void LoadAccountUsage(pqxx::transaction_base& tx, const std::string& where, Ledger* ledger) {
  LoadByAccount(tx, "account_day", "day", kRecentDays, where,
                [&](AccountRef ref, Day day, Volume volume) {
                  if (ledger->FindAccount(ref)) ledger->RestoreAccountDay(ref, day, volume);
                });
  LoadByAccount(tx, "account_month", "period", kRecentMonths, where,
                [&](AccountRef ref, Day period, Volume volume) {
                  if (ledger->FindAccount(ref)) ledger->RestoreAccountMonth(ref, period, volume);
                });
}

void LoadAccounts(pqxx::transaction_base& tx, Ledger* ledger) {
  auto rows = tx.exec(
      "SELECT account_ref, tenant_id, access, subscriber FROM account WHERE account_ref IN "
      "(SELECT account_ref FROM session WHERE closed_at IS NULL UNION SELECT account_ref FROM "
      "account_month WHERE period" +
      kRecentMonths + ")");
  for (const auto& row : rows) {
    ledger->RestoreAccount(row[0].as<AccountRef>(), AsAccountName(row, 1));
  }
  LoadAccountUsage(tx, "", ledger);
}

// Those that the ledger does not have yet, with their current day and month.
void RestoreAccounts(pqxx::transaction_base& tx, const pqxx::result& accounts, Ledger* ledger) {
  ArrayLiteral found;
  for (const auto& row : accounts) {
    auto ref = row[0].as<AccountRef>();
    if (ledger->FindAccount(ref) != nullptr) continue;
    ledger->RestoreAccount(ref, AsAccountName(row, 1));
    found.Add(ref);
  }
  if (found.empty()) return;
  LoadAccountUsage(tx, "AND account_ref = ANY('" + found.str() + "'::int[]) ", ledger);
}

void LoadAccountsByName(pqxx::transaction_base& tx, const std::vector<AccountName>& names,
                        Ledger* ledger) {
  ArrayLiteral tenants, accesses, subscribers;
  for (const AccountName& name : names) {
    tenants.AddText(name.tenant);
    accesses.AddText(AccessName(name.access));
    subscribers.AddText(name.subscriber);
  }
  auto accounts = tx.exec_params(
      "SELECT account_ref, tenant_id, access, subscriber FROM account JOIN unnest($1::text[], "
      "$2::text[], $3::text[]) AS n(t, a, s) ON tenant_id = t AND access = a AND subscriber = s",
      tenants.str(), accesses.str(), subscribers.str());
  RestoreAccounts(tx, accounts, ledger);
}

void LoadNextRefs(pqxx::transaction_base& tx, Ledger* ledger) {
  auto row = tx.exec1(
      "SELECT (SELECT coalesce(max(account_ref), 0) FROM account) + 1, "
      "(SELECT coalesce(max(session_ref), 0) FROM session) + 1");
  ledger->RestoreNextRefs(row[0].as<AccountRef>(), row[1].as<SessionRef>());
}

void LoadParkedSums(pqxx::transaction_base& tx, Ledger* ledger) {
  auto rows = tx.exec(
      "SELECT source_ref, sum(upload_bytes)::bigint, "
      "sum(download_bytes)::bigint FROM parked GROUP BY source_ref");
  for (const auto& row : rows) ledger->RestoreParked(row[0].as<SourceRef>(), AsVolume(row, 1));
}

}  // namespace

std::vector<TenantProfile> LoadProfiles(pqxx::transaction_base& tx) {
  std::vector<TenantProfile> profiles;
  for (const auto& row : tx.exec("SELECT tenant_id, name, plan, quota_bytes, " +
                                 MicrosOf("gone_since") + ", eras FROM tenant ORDER BY 1")) {
    profiles.push_back(AsProfile(row));
  }
  return profiles;
}

void LoadTables(pqxx::transaction_base& tx, Instant now, Ledger* ledger) {
  ledger->RestoreBirth(*AsTime(tx.exec1("SELECT " + MicrosOf("born_at") + " FROM state")[0]));
  for (TenantProfile& profile : LoadProfiles(tx)) ledger->RestoreTenant(std::move(profile));
  if (!ledger->Advance(now)) throw std::logic_error("a new ledger has no days to fall back over");
  LoadTotals(tx, ledger);
  LoadLate(tx, ledger);
  LoadByTenant(
      tx, "tenant_day", "day", kRecentDays,
      [&](const auto& id, Access a, Day day, Volume v) { ledger->RestoreDay(id, a, day, v); });
  LoadByTenant(
      tx, "tenant_month", "period", kRecentMonths,
      [&](const auto& id, Access a, Day p, Volume v) { ledger->RestoreMonth(id, a, p, v); });
  LoadAccounts(tx, ledger);
  for (const auto& row :
       tx.exec("SELECT " + kSessionColumns + "FROM session WHERE closed_at IS NULL")) {
    ledger->RestoreSession(AsSession(row));
  }
  LoadNextRefs(tx, ledger);
  LoadParkedSums(tx, ledger);
}

void LoadMissing(pqxx::transaction_base& tx, SourceRef source, const Missing& missing,
                 Ledger* ledger) {
  ArrayLiteral keys;
  for (const auto& key : missing.keys) keys.AddText(key);
  auto sessions = tx.exec_params("SELECT DISTINCT ON (key) " + kSessionColumns +
                                     "FROM session WHERE source_ref = $1 AND key = ANY($2::text[]) "
                                     "ORDER BY key, session_ref DESC",
                                 source, keys.str());
  std::vector<AccountRef> owners;
  for (const auto& row : sessions) owners.push_back(row[3].as<AccountRef>());
  LoadAccountsByRef(tx, owners, ledger);
  LoadAccountsByName(tx, missing.accounts, ledger);
  for (const auto& row : sessions) ledger->RestoreSession(AsSession(row));
}

void LoadMissing(pqxx::transaction_base& tx, const MissingRefs& missing, Ledger* ledger) {
  LoadAccountsByRef(tx, missing.accounts, ledger);
  ArrayLiteral refs;
  for (SessionRef ref : missing.sessions) refs.Add(ref);
  auto sessions = tx.exec_params(
      "SELECT " + kSessionColumns + "FROM session WHERE session_ref = ANY($1::bigint[])",
      refs.str());
  for (const auto& row : sessions) ledger->RestoreSession(AsSession(row));
}

void LoadAccountsByRef(pqxx::transaction_base& tx, const std::vector<AccountRef>& accounts,
                       Ledger* ledger) {
  ArrayLiteral refs;
  for (AccountRef ref : accounts) refs.Add(ref);
  RestoreAccounts(tx,
                  tx.exec_params("SELECT account_ref, tenant_id, access, subscriber FROM account "
                                 "WHERE account_ref = ANY($1::int[])",
                                 refs.str()),
                  ledger);
}

std::vector<Parked> LoadParked(pqxx::transaction_base& tx,
                               const std::vector<std::string>& tenants) {
  ArrayLiteral ids;
  for (const auto& id : tenants) ids.AddText(id);
  auto rows = tx.exec_params("SELECT session_ref, account_ref, source_ref, " + MicrosOf("from_at") +
                                 ", " + MicrosOf("to_at") +
                                 ", upload_bytes, download_bytes FROM parked JOIN account USING "
                                 "(account_ref) WHERE tenant_id = ANY($1::text[]) "
                                 "ORDER BY session_ref, from_at, to_at",
                             ids.str());
  std::vector<Parked> parked;
  for (const auto& row : rows) {
    parked.push_back({row[0].as<SessionRef>(),
                      row[1].as<AccountRef>(),
                      row[2].as<SourceRef>(),
                      {*AsTime(row[3]), *AsTime(row[4]), AsVolume(row, 5)}});
  }
  return parked;
}

void SaveTenant(pqxx::transaction_base& tx, const TenantProfile& profile) {
  json eras = json::array();
  for (const auto& era : profile.calendar.eras()) eras.push_back(EraToJson(era));
  ArrayLiteral gone, quota;
  gone.Add(profile.gone_since);
  if (profile.quota_bytes) quota.Add(*profile.quota_bytes);
  tx.exec_params(
      "INSERT INTO tenant VALUES ($1, $2, $3, ($4::bigint[])[1], timestamptz 'epoch' + "
      "($5::bigint[])[1] * interval '1 microsecond', $6::jsonb) ON CONFLICT (tenant_id) DO UPDATE "
      "SET name = excluded.name, plan = excluded.plan, quota_bytes = excluded.quota_bytes, "
      "gone_since = excluded.gone_since, eras = excluded.eras",
      profile.id, profile.name, profile.plan, quota.str(), gone.str(), eras.dump());
}

}  // namespace usage
