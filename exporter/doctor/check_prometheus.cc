// Prometheus: is it new enough, does it scrape us, does it keep enough, do its rules work.
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "core/units.h"
#include "doctor/amounts.h"
#include "doctor/checks.h"

namespace usage::doctor {
namespace {

using nlohmann::json;

constexpr auto kLeastRetention = std::chrono::hours(24 * 35);
// As config/prometheus.yml names them.
constexpr const char* kJobs[] = {"usage_exporter", "usage_history", "usage_gateway"};

// Counters of its own page that stay 0 where all is well.
struct Trouble {
  const char* metric;
  const char* what;
  const char* remedy;
};
constexpr Trouble kTroubles[] = {
    {"prometheus_rule_evaluation_failures_total", "rule evaluations failed",
     "its page /rules has the errors"},
    {"prometheus_tsdb_compactions_failed_total", "compactions failed",
     "is its disk full? its log has the reason"},
    {"prometheus_tsdb_wal_corruptions_total", "corruptions of its log were found",
     "was it killed, or the disk full? samples of that time may be missing"},
    {"prometheus_notifications_dropped_total", "notifications were dropped",
     "Alertmanager did not take them: see Alertmanager below"},
};

json DataOf(const House& house, const std::string& path) {
  const json answer = json::parse(house.Get(*house.doctor().prometheus, path), nullptr, false);
  if (!answer.is_object() || answer.value("status", "") != "success") {
    throw Silence(house.doctor().prometheus->Origin() + path + ": no answer of Prometheus's");
  }
  return answer.at("data");
}

void LookAtVersion(const House& house, Notes& notes) {
  const std::string version = DataOf(house, "/api/v1/status/buildinfo").value("version", "");
  int major = 0, minor = 0;
  std::sscanf(version.c_str(), "%d.%d", &major, &minor);
  if (major > 2 || (major == 2 && minor >= 40)) return notes.Good("Prometheus", version);
  notes.Broken("Prometheus", "version " + version, "the rules and dashboards need 2.40 or newer");
}

void LookAtTargets(const House& house, Notes& notes) {
  std::map<std::string, size_t> up;
  const json data = DataOf(house, "/api/v1/targets?state=active");
  for (const json& target : data.at("activeTargets")) {
    const std::string job = target.at("labels").value("job", "");
    if (target.value("health", "") != "down") {
      ++up[job];
      continue;
    }
    up.try_emplace(job);
    notes.Broken("target", target.value("scrapeUrl", "") + ": " + target.value("lastError", ""),
                 "it runs elsewhere, or its address in prometheus.yml is wrong");
  }
  for (const char* job : kJobs) {
    if (!up.contains(job)) {
      notes.Warn("job " + std::string(job), "there is none",
                 "take it over from config/prometheus.yml, or call yours so");
    } else if (up[job] > 0) {
      notes.Good("job " + std::string(job), Count(up[job], "target") + " up");
    }
  }
}

void LookAtRules(const House& house, Notes& notes) {
  size_t count = 0, bad = 0;
  std::set<std::string> files;
  const json data = DataOf(house, "/api/v1/rules");
  for (const json& group : data.at("groups")) {
    files.insert(group.value("file", ""));
    for (const json& rule : group.at("rules")) {
      ++count;
      if (rule.value("health", "") != "err") continue;
      ++bad;
      notes.Broken("rule " + rule.value("name", ""), rule.value("lastError", ""),
                   "promtool check rules " + group.value("file", ""));
    }
  }
  if (count == 0) {
    return notes.Warn("rules", "there are none",
                      "add dashboards/rules.yaml and alerts/*.yaml to rule_files of its "
                      "configuration");
  }
  if (bad == 0) {
    notes.Good("rules", Count(count, "rule") + " of " + Count(files.size(), "file") + ", healthy");
  }
}

// "35d", "5w", "1y6h", or "" where there is a limit by size alone.
std::optional<std::chrono::hours> RetentionOf(const std::string& text) {
  double hours = 0;
  const char* rest = text.c_str();
  while (*rest != '\0') {
    char* unit = nullptr;
    const double number = std::strtod(rest, &unit);
    if (unit == rest) return std::nullopt;
    switch (*unit) {
      case 'y':
        hours += number * 365 * 24;
        break;
      case 'w':
        hours += number * 7 * 24;
        break;
      case 'd':
        hours += number * 24;
        break;
      case 'h':
        hours += number;
        break;
      default:
        break;  // minutes and less make no difference
    }
    rest = unit;
    while (*rest != '\0' && std::isalpha(static_cast<unsigned char>(*rest)) != 0) ++rest;
  }
  return std::chrono::hours(static_cast<int64_t>(hours));
}

void LookAtRetention(const House& house, Notes& notes) {
  const std::string text =
      DataOf(house, "/api/v1/status/runtimeinfo").value("storageRetention", "");
  const std::string time = text.substr(0, text.find(' '));
  const auto kept = RetentionOf(time);
  if (!kept || *kept >= kLeastRetention) return notes.Good("retention", text);
  notes.Warn("retention", time + ", and the dashboards and rules look back 31 days and more",
             "start it with 35 days or more", {"--storage.tsdb.retention.time=40d"});
}

void LookAtTroubles(const House& house, Notes& notes) {
  const MetricsPage page(house.Get(*house.doctor().prometheus, "/metrics"));
  size_t said = 0;
  for (const Trouble& trouble : kTroubles) {
    const double count = page.Sum(trouble.metric);
    if (count == 0) continue;
    ++said;
    notes.Warn("itself",
               Count(static_cast<uint64_t>(count)) + " " + trouble.what + " since its start",
               trouble.remedy);
  }
  if (said == 0) notes.Good("itself", "no errors of its own since its start");
}

}  // namespace

void CheckPrometheus(const House& house, Notes& notes) {
  if (!house.doctor().prometheus) return notes.NotChecked("Prometheus", "doctor.prometheus_url");
  LookAtVersion(house, notes);
  LookAtTargets(house, notes);
  LookAtRules(house, notes);
  LookAtRetention(house, notes);
  LookAtTroubles(house, notes);
}

}  // namespace usage::doctor
