#include "doctor/status.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/wrap.h"
#include "doctor/amounts.h"
#include "doctor/certificate.h"
#include "gateway/token_file.h"

namespace usage::doctor {
namespace {

using nlohmann::json;
using Seconds = std::chrono::duration<double>;

constexpr size_t kMostLines = 24, kMostSources = 8;

std::string UpSince(const MetricsPage& page, Instant now) {
  const auto start = page.Value("process_start_time_seconds");
  if (!start) return "up";
  return "up " + Span(Seconds(std::max(0.0, UnixSeconds(now) - *start)));
}

std::string CountOf(const MetricsPage& page, const std::string& metric, const Labels& labels = {}) {
  return Count(static_cast<uint64_t>(page.Sum(metric, labels)));
}

// --- Parts.

void ExporterLine(const House& house, Notes& notes) {
  if (!house.doctor().exporter) return notes.NotChecked("exporter", "doctor.exporter_url");
  const MetricsPage& page = house.ExporterPage();
  const double made = page.Value("usage_exporter_snapshot_timestamp_seconds").value_or(0);
  const bool is_ready = page.Value("usage_exporter_ready").value_or(0) == 1;
  const bool is_writer = page.Value("usage_exporter_writer").value_or(0) == 1;
  const std::string age =
      made == 0
          ? "no snapshot"
          : "snapshot " + Span(Seconds(std::max(0.0, UnixSeconds(house.now()) - made))) + " old";
  const std::string seen = UpSince(page, house.now()) + ", " + (is_ready ? "ready" : "not ready") +
                           ", " + age + (is_writer ? ", writes the ledger" : ", does not write");
  if (is_ready) return notes.Good("exporter", seen);
  notes.Broken("exporter", seen, "");
}

void SourceLine(const House& house, const SourceConfig& source, Notes& notes) {
  const MetricsPage& page = house.ExporterPage();
  const Labels labels = {{"source", source.name}};
  const double last = page.Value("usage_source_last_success_timestamp_seconds", labels).value_or(0);
  const std::string age =
      last == 0 ? "never read"
                : "read " + Span(Seconds(std::max(0.0, UnixSeconds(house.now()) - last))) + " ago";
  const std::string seen = age + ", " + CountOf(page, "usage_source_open_rows", labels) +
                           " open rows, " + CountOf(page, "usage_source_errors_total", labels) +
                           " errors";
  if (page.Value("usage_source_up", labels) == 1) return notes.Good(source.name, seen);
  notes.Broken(source.name, "down, " + seen, "");
}

void SourceLines(const House& house, Notes& notes) {
  if (!house.HasExporterPage()) return;
  const auto& sources = house.config().sources;
  const size_t shown = std::min(sources.size(), kMostSources);
  for (size_t i = 0; i < shown; ++i) SourceLine(house, sources[i], notes);
  if (shown < sources.size()) {
    notes.Good("sources", "and " + std::to_string(sources.size() - shown) + " more");
  }
}

void RoutersLine(const House& house, Notes& notes) {
  if (!house.config().routers || !house.HasExporterPage()) return;
  const MetricsPage& page = house.ExporterPage();
  const auto up = static_cast<uint64_t>(page.Sum("usage_router_up"));
  const uint64_t all = page.Count("usage_router_up");
  const std::string seen = Count(up) + " of " + Count(all) + " up";
  if (up == all) return notes.Good("routers", seen);
  notes.Warn("routers", seen, "");
}

void GatewayLine(const House& house, Notes& notes) {
  if (!house.doctor().gateway_metrics) {
    return notes.NotChecked("gateway", "doctor.gateway_metrics_url");
  }
  const MetricsPage& page = house.GatewayPage();
  notes.Good("gateway",
             UpSince(page, house.now()) + ", " +
                 Count(static_cast<uint64_t>(page.Sum("usage_gateway_tokens")), "token") + ", " +
                 CountOf(page, "usage_gateway_requests_total") + " requests, " +
                 CountOf(page, "usage_gateway_refusals_total") + " refused");
}

void AlertmanagerLine(const House& house, Notes& notes) {
  const auto url = AlertmanagerUrl(house.config());
  if (!url) return notes.NotChecked("Alertmanager", "alerting");
  const json status = json::parse(house.Get(*url, "/api/v2/status"), nullptr, false);
  const json none = json::object();
  const json& version = status.is_object() ? status.value("versionInfo", none) : none;
  notes.Good("Alertmanager", "up, version " + version.value("version", "unknown"));
}

void GrafanaLine(const House& house, Notes& notes) {
  if (!house.config().grafana) return notes.NotChecked("Grafana", "grafana.url");
  const json health =
      json::parse(house.Get(house.config().grafana->url, "/api/health"), nullptr, false);
  notes.Good("Grafana",
             "up, version " + (health.is_object() ? health.value("version", "") : "unknown"));
}

// --- What is counted.

void UsageLines(const House& house, Notes& notes) {
  if (!house.HasExporterPage()) return;
  const MetricsPage& page = house.ExporterPage();
  notes.Good("tenants", Count(page.Count("usage_tenant_info")));
  notes.Good("open sessions", CountOf(page, "usage_sessions") + " (hotspot " +
                                  CountOf(page, "usage_sessions", {{"access", "hotspot"}}) +
                                  ", PPPoE " +
                                  CountOf(page, "usage_sessions", {{"access", "pppoe"}}) + ")");
  notes.Good("today", Bytes(page.Sum("usage_today_upload_bytes")) + " up, " +
                          Bytes(page.Sum("usage_today_download_bytes")) + " down");
  notes.Good("this month", Bytes(page.Sum("usage_month_upload_bytes")) + " up, " +
                               Bytes(page.Sum("usage_month_download_bytes")) + " down");
}

// --- What Prometheus knows.

json ResultOf(const House& house, const std::string& path) {
  const json answer = json::parse(house.Get(*house.doctor().prometheus, path), nullptr, false);
  if (!answer.is_object() || answer.value("status", "") != "success") {
    throw Silence("no answer of Prometheus's");
  }
  return answer.at("data");
}

// A sum over everything, as an instant query gives it.
double RateOf(const House& house, const std::string& direction) {
  const json result =
      ResultOf(house, "/api/v1/query?query=sum(rate(usage_" + direction + "_bytes_total%5B1m%5D))")
          .at("result");
  if (result.empty()) return 0;
  return std::stod(result[0].at("value")[1].get<std::string>());
}

void AlertsLine(const House& house, Notes& notes) {
  std::map<std::string, size_t> firing;
  size_t count = 0;
  const json data = ResultOf(house, "/api/v1/alerts");
  for (const json& alert : data.at("alerts")) {
    const std::string severity = alert.at("labels").value("severity", "");
    if (alert.value("state", "") != "firing" || severity == "none") continue;
    ++count;
    ++firing[alert.at("labels").value("alertname", "")];
  }
  if (count == 0) return notes.Good("alerts", "none fires");
  std::string names;
  for (const auto& [name, times] : firing) {
    names += (names.empty() ? "" : ", ") + name + (times > 1 ? " " + std::to_string(times) : "");
  }
  notes.Warn("alerts", Count(count) + " firing: " + names, "");
}

void PrometheusLines(const House& house, Notes& notes) {
  if (!house.doctor().prometheus) return notes.NotChecked("Prometheus", "doctor.prometheus_url");
  notes.Good("Prometheus",
             "up, version " + ResultOf(house, "/api/v1/status/buildinfo").value("version", ""));
  notes.Good("now", BitRate(8 * RateOf(house, "upload")) + " up, " +
                        BitRate(8 * RateOf(house, "download")) + " down");
  AlertsLine(house, notes);
}

// --- What ends next.

struct Expiry {
  std::string what;
  Instant at{};
};

void Take(std::optional<Expiry>& next, const std::string& what, Instant at) {
  if (!next || at < next->at) next = Expiry{what, at};
}

void ExpiryLine(const House& house, Notes& notes) {
  std::optional<Expiry> next;
  const std::string file = TokensFile(house.config());
  if (!file.empty()) {
    for (const auto& token : ValueOf(gateway::ReadTokenFile(file))) {
      const std::string owner = token.tenant.empty() ? "the operator" : token.tenant;
      if (token.expires && !token.is_expired(house.now())) {
        Take(next, "token " + token.id() + " of " + owner, *token.expires);
      }
    }
  }
  for (const std::string& path : house.doctor().certificates) {
    for (const Certificate& one : ValueOf(CertificatesOfFile(path))) {
      Take(next, "certificate " + one.name, one.expires);
    }
  }
  if (!next) return;
  const std::string seen = next->what + " on " + gateway::FormatUtc(next->at).substr(0, 10);
  if (next->at <= house.now() + std::chrono::hours(24 * 14)) {
    return notes.Warn("ends next", seen, "");
  }
  notes.Good("ends next", seen);
}

std::string LineOf(const Finding& finding, const Paint& paint) {
  std::string subject = finding.subject, seen = finding.seen;
  if (finding.verdict == Verdict::kNotChecked) seen = "not configured: " + finding.remedy;
  subject.resize(std::max<size_t>(subject.size(), 15), ' ');
  std::string line = subject + seen;
  if (line.size() > kTerminalWidth - 2) line = line.substr(0, kTerminalWidth - 5) + "...";
  switch (finding.verdict) {
    case Verdict::kGood:
      return paint.Good("  ") + line;
    case Verdict::kNotChecked:
      return paint.Faint("- " + line);
    case Verdict::kWarning:
      return paint.Warning("! " + line);
    case Verdict::kBroken:
      return paint.Broken("X " + line);
  }
  return line;
}

}  // namespace

const std::vector<Check>& StatusLines() {
  static const std::vector<Check> lines = {
      {"exporter", "exporter", Often::kDaily, ExporterLine},
      {"sources", "sources", Often::kDaily, SourceLines},
      {"routers", "routers", Often::kDaily, RoutersLine},
      {"gateway", "gateway", Often::kDaily, GatewayLine},
      {"alertmanager", "Alertmanager", Often::kDaily, AlertmanagerLine},
      {"grafana", "Grafana", Often::kDaily, GrafanaLine},
      {"prometheus", "Prometheus", Often::kDaily, PrometheusLines},
      {"usage", "usage", Often::kDaily, UsageLines},
      {"expiry", "ends next", Often::kDaily, ExpiryLine},
  };
  return lines;
}

Examination AskStatus(std::shared_ptr<const House> house) {
  std::vector<const Check*> lines;
  for (const Check& line : StatusLines()) lines.push_back(&line);
  return Examine(std::move(house), lines);
}

std::string StatusText(const Examination& status, const Paint& paint) {
  std::string text;
  size_t count = 0;
  for (const Result& result : status.results) {
    for (const Finding& finding : result.findings) {
      if (++count <= kMostLines) text += LineOf(finding, paint) + "\n";
    }
  }
  return text;
}

}  // namespace usage::doctor
