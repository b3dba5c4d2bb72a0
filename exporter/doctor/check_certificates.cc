// Certificates of files and of the https addresses in the configuration: until when they are good.
#include <algorithm>

#include "doctor/amounts.h"
#include "doctor/certificate.h"
#include "doctor/checks.h"
#include "gateway/token_file.h"

namespace usage::doctor {
namespace {

constexpr auto kSoon = std::chrono::hours(24 * 30), kNow = std::chrono::hours(24 * 7);

void Judge(const std::string& place, const Certificate& certificate, Instant now, Notes& notes) {
  const auto left = certificate.expires - now;
  const std::string day = gateway::FormatUtc(certificate.expires).substr(0, 10);
  const std::string seen =
      certificate.name + (left.count() <= 0 ? " has expired on " + day : " is good until " + day);
  const std::string remedy =
      "renew it and put it there; usage_exporter and usage_gateway take a new one without a "
      "restart";
  if (left <= kNow) return notes.Broken(place, seen, remedy);
  if (left <= kSoon) return notes.Warn(place, seen, remedy);
  notes.Good(place, seen);
}

void LookAtFile(const std::string& path, Instant now, Notes& notes) {
  const auto certificates = CertificatesOfFile(path);
  if (!certificates) return notes.Broken(path, certificates.error(), "correct doctor.certificates");
  for (const Certificate& certificate : *certificates) Judge(path, certificate, now, notes);
}

std::vector<HttpUrl> TlsServers(const Config& config) {
  std::vector<HttpUrl> servers;
  auto add = [&](const std::optional<HttpUrl>& url) {
    if (!url || !url->tls) return;
    const bool is_known = std::any_of(servers.begin(), servers.end(), [&](const HttpUrl& other) {
      return other.Authority() == url->Authority();
    });
    if (!is_known) servers.push_back(*url);
  };
  add(config.doctor.exporter);
  add(config.doctor.gateway_metrics);
  add(config.doctor.prometheus);
  add(AlertmanagerUrl(config));
  if (config.grafana) add(config.grafana->url);
  return servers;
}

}  // namespace

void CheckCertificates(const House& house, Notes& notes) {
  const std::vector<HttpUrl> servers = TlsServers(house.config());
  if (house.doctor().certificates.empty() && servers.empty()) {
    return notes.NotChecked("certificates", "doctor.certificates");
  }
  for (const std::string& path : house.doctor().certificates) LookAtFile(path, house.now(), notes);
  for (size_t i = 0; i < servers.size(); ++i) {
    const auto shown = CertificateOfServer(servers[i], house.Share(servers.size() - i));
    if (shown) {
      Judge(servers[i].Origin(), *shown, house.now(), notes);
    } else {
      notes.Broken(servers[i].Origin(), shown.error(), "is it up, and does it speak TLS?");
    }
  }
}

}  // namespace usage::doctor
