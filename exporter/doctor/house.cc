#include "doctor/house.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace usage::doctor {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// So that a part's silence is told by the check that met it, and not by the end of its time.
constexpr int kKeptOfTime = 5;  // one part in so many

std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

HttpPeer AlertmanagerPeer(const AlertingConfig& alerting) {
  HttpPeer peer{.url = alerting.url, .ca_file = alerting.ca_file, .user = alerting.user};
  if (!alerting.password_file.empty()) peer.password = FirstLine(alerting.password_file);
  return peer;
}

}  // namespace

DiskSpace SpaceOf(const std::string& folder) {
  struct statvfs space {};
  if (::statvfs(folder.c_str(), &space) != 0) throw std::runtime_error(std::strerror(errno));
  const auto unit = static_cast<double>(space.f_frsize);
  return {static_cast<double>(space.f_blocks) * unit, static_cast<double>(space.f_bavail) * unit};
}

House::House(std::string config_file, Config config, Instant now, LookAtDisk disk)
    : config_file_(std::move(config_file)),
      config_(std::move(config)),
      now_(now),
      disk_(std::move(disk)),
      deadline_(steady_clock::now() + config_.doctor.timeout),
      password_(doctor().password_file.empty() ? "" : FirstLine(doctor().password_file)) {}

milliseconds House::Share(size_t askers) const {
  const auto kept = doctor().timeout / kKeptOfTime;
  const auto left =
      std::chrono::duration_cast<milliseconds>(deadline_ - steady_clock::now() - kept);
  const auto share = left / static_cast<int64_t>(std::max<size_t>(askers, 1));
  return std::max<milliseconds>(share, milliseconds(50));
}

bool House::IsOurs(const HttpUrl& url) const {
  return url == doctor().exporter || url == doctor().gateway_metrics;
}

// A password goes to no other part than its own.
HttpPeer House::PeerOf(const HttpUrl& url) const {
  HttpPeer peer = url == AlertmanagerUrl(config_)
                      ? AlertmanagerPeer(*config_.alerting)
                      : HttpPeer{.url = url, .ca_file = doctor().ca_file};
  peer.connect_timeout = peer.answer_timeout = Share();
  if (IsOurs(url)) {
    peer.user = doctor().user;
    peer.password = password_;
  }
  return peer;
}

std::string House::Get(const HttpUrl& url, const std::string& path) const {
  HttpAnswer answer = HttpClient(PeerOf(url)).Send({.path = path});
  const std::string place = url.Origin() + url.path + path;
  if (answer.status == 0) throw Silence(place + " does not answer (" + answer.error + ")");
  if (answer.status != 200) throw Silence(place + " answers " + std::to_string(answer.status));
  return std::move(answer.body);
}

const MetricsPage& House::PageOf(SharedPage& shared, const std::optional<HttpUrl>& url) const {
  std::call_once(shared.once, [&] {
    try {
      shared.page = MetricsPage(Get(url.value(), "/metrics"));
    } catch (const std::runtime_error& error) {
      shared.error = error.what();
    }
  });
  if (!shared.error.empty()) throw Silence(shared.error);
  return shared.page;
}

bool House::HasExporterPage() const {
  if (!doctor().exporter) return false;
  try {
    ExporterPage();
    return true;
  } catch (const Silence&) {
    return false;
  }
}

std::unique_ptr<PgConnection> House::Open(const DatabaseConfig& database, Deadline deadline) const {
  PgSettings settings;
  settings.application_name = "usagectl/doctor";
  settings.connect_timeout = settings.statement_timeout = Share();
  settings.read_only = true;
  return std::make_unique<PgConnection>(ConnectionString(database.dsn, database.password, settings),
                                        deadline);
}

std::optional<HttpUrl> AlertmanagerUrl(const Config& config) {
  return config.alerting ? std::optional(config.alerting->url) : std::nullopt;
}

std::string TokensFile(const Config& config) {
  if (!config.doctor.tokens_file.empty()) return config.doctor.tokens_file;
  const bool has_orgs = config.grafana && config.grafana->orgs;
  return has_orgs ? config.grafana->orgs->tokens_file : "";
}

}  // namespace usage::doctor
