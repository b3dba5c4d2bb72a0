#include "api/state_encoder.h"

#include <algorithm>

#include "api/json_writer.h"
#include "api/readiness.h"
#include "metrics/label_text.h"

namespace usage {
namespace {

constexpr Duration kHistorySpan = std::chrono::minutes(15);
constexpr Duration kHistoryStep = std::chrono::seconds(5);
constexpr size_t kGapsKept = 8;
constexpr Duration kCycleByDefault = std::chrono::seconds(5);
constexpr Duration kShortestCycle = std::chrono::seconds(1);

int64_t Millis(Instant t) { return UnixMicros(t) / 1000; }

void Time(JsonWriter& json, std::string_view key, std::optional<Instant> t) {
  json.Key(key);
  t ? json.Integer(Millis(*t)) : json.Null();
}

void Bytes(JsonWriter& json, std::string_view key, Volume volume) {
  json.Key(key).BeginArray().Exact(volume.download).Exact(volume.upload).EndArray();
}

void WriteRate(JsonWriter& json, const std::optional<Rate>& rate) {
  json.Key("rate");
  if (!rate) {
    json.Null();
    return;
  }
  json.BeginArray().Integer(static_cast<int64_t>(rate->download));
  json.Integer(static_cast<int64_t>(rate->upload));
  json.Integer(int64_t{rate->window.count()}).EndArray();
}

void WriteAccess(JsonWriter& json, const AccessUsage& usage, const std::optional<Rate>& rate) {
  json.BeginObject();
  WriteRate(json, rate);
  Bytes(json, "today", usage.today);
  Bytes(json, "month", usage.month);
  Bytes(json, "total", usage.total);
  json.Key("sessions").Integer(usage.sessions);
  json.Key("stale").Integer(usage.stale_sessions);
  Time(json, "at", usage.data_timestamp);
  json.EndObject();
}

void WriteTenant(JsonWriter& json, const TenantUsage& tenant, const Rates::Row& rates) {
  json.BeginObject().Key("id").String(ValidName(tenant.id)).Key("name").String(tenant.name);
  json.Key("plan").String(tenant.plan).Key("zone").String(tenant.time_zone);
  if (tenant.quota_bytes) json.Key("quota").Exact(*tenant.quota_bytes);
  for (Access access : kAllAccess) {
    auto i = static_cast<size_t>(access);
    if (!tenant.access[i]) continue;
    json.Key(AccessName(access));
    WriteAccess(json, *tenant.access[i], rates[i]);
  }
  json.EndObject();
}

void WriteCases(JsonWriter& json, const std::vector<CaseCount>& cases) {
  json.Key("cases").BeginArray();
  for (const CaseCount& c : cases) {
    if (c.count == 0) continue;
    json.BeginArray().String(c.name).Integer(c.count).EndArray();
  }
  json.EndArray();
}

void WriteReading(JsonWriter& json, const SourceStatus& source) {
  json.Key("up").Bool(source.up);
  json.Key("interval").Integer(int64_t{source.interval.count() / 1000});
  Time(json, "success", source.last_success);
  json.Key("seconds").Number(source.last_duration_seconds);
  json.Key("cycles").Integer(source.cycles).Key("errors").Integer(source.errors);
  json.Key("missed").Integer(source.missed_cycles);
  json.Key("error").String(source.last_error);
  Time(json, "error_at", source.last_error_at);
}

void WriteSource(JsonWriter& json, const SourceStatus& source) {
  json.BeginObject().Key("name").String(source.name).Key("type").String(source.type);
  WriteReading(json, source);
  json.Key("open").Integer(source.open_rows).Key("changed").Integer(source.changed_rows);
  json.Key("unattributed_sessions").Integer(source.unattributed_sessions);
  Bytes(json, "unattributed", source.unattributed);
  json.Key("refused").Integer(source.refused_sessions);
  json.Key("used_difference").Exact(source.used_difference_bytes);
  WriteCases(json, source.cases);
  json.Key("advice").BeginArray();
  for (const std::string& advice : source.advice) json.String(advice);
  json.EndArray().EndObject();
}

void WriteLedger(JsonWriter& json, const ExporterStatus& status) {
  json.Key("ledger").BeginObject().Key("writer").Bool(status.ledger.writer);
  json.Key("up").Bool(status.ledger.up).Key("error").String(status.ledger.error);
  json.Key("errors").Integer(status.ledger.errors).Key("commits").Integer(status.ledger.commits);
  json.Key("seconds").Number(status.ledger.write_seconds);
  json.Key("violations").Integer(status.ledger.invariant_violations);
  json.Key("restated").Integer(status.ledger.restated_days).EndObject();
}

void WriteTenantList(JsonWriter& json, const ExporterStatus& status) {
  json.Key("tenant_list").BeginObject().Key("up").Bool(status.tenants_up);
  json.Key("error").String(status.tenants_error);
  Time(json, "at", status.tenants_timestamp);
  json.EndObject();
}

void WriteProcess(JsonWriter& json, const ExporterStatus& status) {
  json.Key("process").BeginObject();
  json.Key("version").String(status.version).Key("revision").String(status.revision);
  Time(json, "started", status.started);
  json.Key("cycles").Integer(status.cycles).Key("cycle_errors").Integer(status.cycle_errors);
  json.Key("build_seconds").Number(status.snapshot_build_seconds);
  json.Key("cpu_seconds").Number(status.cpu_seconds);
  json.Key("resident").Exact(status.resident_bytes).Key("fds").Integer(status.open_fds);
  json.Key("reload_ok").Bool(status.config_reload_ok);
  Time(json, "reload_at", status.config_reload_success);
  json.EndObject();
}

void WriteStatus(JsonWriter& json, const Snapshot& snapshot) {
  Time(json, "at", snapshot.at);
  json.Key("ready").Bool(snapshot.ready);
  json.Key("waiting").String(WhyNotReady(&snapshot));
  WriteProcess(json, snapshot.exporter);
  WriteLedger(json, snapshot.exporter);
  WriteTenantList(json, snapshot.exporter);
  json.Key("sources").BeginArray();
  for (const SourceStatus& source : snapshot.sources) WriteSource(json, source);
  json.EndArray();
}

}  // namespace

// The longest of the last gaps between snapshots: what is older than a few of these is late, not
// merely between two cycles.
Duration StateEncoder::Cycle(Instant at) {
  published_.push_back(at);
  if (published_.size() > kGapsKept + 1) published_.pop_front();
  if (published_.size() < 3) return kCycleByDefault;
  Duration longest = kShortestCycle;
  for (size_t i = 1; i < published_.size(); ++i)
    longest = std::max(longest, published_[i] - published_[i - 1]);
  return longest;
}

Frame StateEncoder::Encode(const Snapshot& snapshot, Instant now) {
  ++sequence_;
  EncodeTenants(snapshot);
  std::string status;
  JsonWriter json(&status);
  json.BeginObject();
  Time(json, "now", now);
  json.Key("cycle").Integer(int64_t{Cycle(snapshot.at).count() / 1000});
  WriteStatus(json, snapshot);
  json.EndObject();
  return {sequence_, std::make_shared<const std::string>(FullEvent(status)),
          std::make_shared<const std::string>(DeltaEvent(status))};
}

void StateEncoder::EncodeTenants(const Snapshot& snapshot) {
  order_.clear();
  changed_.clear();
  auto rates = rates_.Observe(snapshot);
  for (size_t i = 0; i < snapshot.tenants.size(); ++i) EncodeTenant(snapshot.tenants[i], rates[i]);
  ForgetGone();
  Remember(snapshot.at, rates);
}

void StateEncoder::EncodeTenant(const TenantUsage& tenant, const Rates::Row& rates) {
  Row& row = rows_[tenant.id];
  row.round = sequence_;
  std::string encoded;
  encoded.reserve(row.json.size() + 16);
  JsonWriter json(&encoded);
  WriteTenant(json, tenant, rates);
  order_.push_back(&row);
  if (encoded == row.json) return;
  row.json = std::move(encoded);
  changed_.push_back(&row);
}

void StateEncoder::ForgetGone() {
  removed_.clear();
  std::erase_if(rows_, [this](const auto& entry) {
    if (entry.second.round == sequence_) return false;
    removed_.push_back(ValidName(entry.first));
    return true;
  });
}

void StateEncoder::Remember(Instant at, const std::vector<Rates::Row>& rates) {
  Point sum{at, 0, 0};
  bool known = false;
  for (const Rates::Row& row : rates) {
    for (const auto& rate : row) {
      if (!rate) continue;
      known = true;
      sum.download += rate->download;
      sum.upload += rate->upload;
    }
  }
  if (!history_.empty() && at < history_.back().at) history_.clear();
  new_point_ = known && (history_.empty() || at - history_.back().at >= kHistoryStep);
  if (new_point_) history_.push_back(sum);
  while (!history_.empty() && history_.front().at < at - kHistorySpan) history_.pop_front();
}

std::string StateEncoder::FullEvent(const std::string& status) const {
  std::string data;
  JsonWriter json(&data);
  json.BeginObject().Key("status").Raw(status);
  json.Key("history").BeginArray();
  for (const Point& point : history_) WritePoint(json, point);
  json.EndArray();
  WriteRows(json, order_);
  json.EndObject();
  return Event("full", data);
}

std::string StateEncoder::DeltaEvent(const std::string& status) const {
  std::string data;
  JsonWriter json(&data);
  json.BeginObject().Key("status").Raw(status);
  json.Key("history").BeginArray();
  if (new_point_) WritePoint(json, history_.back());
  json.EndArray();
  WriteRows(json, changed_);
  json.Key("removed").BeginArray();
  for (const std::string& id : removed_) json.String(id);
  json.EndArray().EndObject();
  return Event("delta", data);
}

// JSON holds no line break (they are escaped), so one data line is enough.
std::string StateEncoder::Event(const char* type, const std::string& data) const {
  return "id: " + EventId(sequence_) + "\nevent: " + type + "\ndata: " + data + "\n\n";
}

void StateEncoder::WritePoint(JsonWriter& json, const Point& point) {
  json.BeginArray().Integer(Millis(point.at));
  json.Integer(static_cast<int64_t>(point.download));
  json.Integer(static_cast<int64_t>(point.upload)).EndArray();
}

void StateEncoder::WriteRows(JsonWriter& json, const std::vector<const Row*>& rows) {
  json.Key("tenants").BeginArray();
  for (const Row* row : rows) json.Raw(row->json);
  json.EndArray();
}

}  // namespace usage
