#include "tests/bench/exposition_load.h"

#include <prometheus/gauge.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <random>
#include <utility>

#include "metrics/exposition.h"
#include "metrics/forecasts.h"

namespace usage {
namespace {

constexpr Instant kBenchMonth = FromUnixMicros(1'793'491'200'000'000);
constexpr Duration kBenchDay = std::chrono::hours(24);
constexpr int kTop = 5;  // subscribers of each access

class Traffic {
 public:
  Snapshot Start() {
    Snapshot snapshot;
    snapshot.at = kBenchMonth + 20 * kBenchDay + kBenchDay / 2;
    for (int i = 0; i < kBenchTenants; ++i) snapshot.tenants.push_back(Tenant(i));
    std::sort(snapshot.tenants.begin(), snapshot.tenants.end(),
              [](const TenantUsage& a, const TenantUsage& b) { return a.id < b.id; });
    return snapshot;
  }

  void Grow(TenantUsage& tenant) {
    for (auto& access : tenant.access) Grow(*access);
  }

 private:
  TenantUsage Tenant(int number) {
    TenantUsage tenant;
    tenant.id = Uuid();
    tenant.name = "Tenant " + std::to_string(number);
    tenant.plan = "estate-50";
    tenant.time_zone = "Africa/Nairobi";
    tenant.quota_bytes = 5'000'000'000'000;
    tenant.alerts = DefaultAlertThresholds();
    tenant.today_start = kBenchMonth + 20 * kBenchDay;
    tenant.month_start = kBenchMonth;
    tenant.month_end = kBenchMonth + 30 * kBenchDay;
    for (auto& access : tenant.access) access = Usage();
    return tenant;
  }

  AccessUsage Usage() {
    AccessUsage usage;
    for (Volume* v : {&usage.total, &usage.today, &usage.month}) *v = Bytes();
    usage.sessions = random_() % 100;
    usage.sessions_started = random_() % 1'000'000;
    usage.sessions_ended = random_() % 1'000'000;
    usage.data_timestamp = FromUnixMicros(1'795'420'800'000'000);
    for (int i = 0; i < kTop; ++i) usage.top.push_back({MacAddress(), Bytes(), Bytes()});
    usage.other = {"", Bytes(), Bytes()};
    return usage;
  }

  std::string Uuid() {
    const std::string hex = Hex(32);
    return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' +
           hex.substr(16, 4) + '-' + hex.substr(20);
  }

  std::string MacAddress() {
    std::string text = Hex(2);
    for (int i = 1; i < 6; ++i) text += ':' + Hex(2);
    return text;
  }

  std::string Hex(int digits) {
    std::string text;
    for (int i = 0; i < digits; ++i) text += "0123456789abcdef"[random_() % 16];
    return text;
  }

  // Up to a terabyte; neighbours differ in length.
  uint64_t Number() { return (random_() & 0xFF'FFFF'FFFF) >> (random_() % 16); }
  Volume Bytes() { return {Number(), Number()}; }

  void Grow(AccessUsage& usage) {
    for (Volume* v : {&usage.total, &usage.today, &usage.month}) Grow(*v);
    Grow(usage.other);
    for (SubscriberUsage& s : usage.top) Grow(s);
    *usage.data_timestamp += std::chrono::seconds(5);
  }
  void Grow(SubscriberUsage& s) {
    Grow(s.today);
    Grow(s.month);
  }
  void Grow(Volume& v) { v += {1 + random_() % 1'000'000, 1 + random_() % 10'000'000}; }

  std::mt19937_64 random_;
};

// `{a="b",c="d"}` without escapes.
std::map<std::string, std::string> ReadLabels(const std::string& text) {
  std::map<std::string, std::string> labels;
  for (size_t at = 0; at < text.size() && text[at] != '}';) {
    const size_t equals = text.find('=', at), quote = text.find('"', equals + 2);
    labels[text.substr(at + 1, equals - at - 1)] = text.substr(equals + 2, quote - equals - 2);
    at = quote + 1;
  }
  return labels;
}

}  // namespace

History BenchHistory(const Snapshot& snapshot) {
  History history;
  for (const TenantUsage& tenant : snapshot.tenants) {
    TenantHistory& past = history.tenants.emplace_back();
    past.id = tenant.id;
    past.basis.rate = 1e10;
    past.basis.weights.assign(30, 1.25);
    for (int day = 0; day <= 30; ++day) past.basis.starts.push_back(kBenchMonth + day * kBenchDay);
    for (int day = 1; day <= 20; ++day) past.basis.closed.push_back(uint64_t(day) * 100'000'000);
  }
  return history;
}

std::vector<Snapshot> TwoMoments(int changed) {
  Traffic traffic;
  std::vector<Snapshot> both(2, traffic.Start());
  for (int i = 0; i < changed; ++i) {
    traffic.Grow(both[1].tenants[static_cast<size_t>(i * (kBenchTenants / changed))]);
  }
  for (Snapshot& snapshot : both) AddForecasts(BenchHistory(snapshot), &snapshot);
  return both;
}

std::vector<Snapshot> TwoRankings() {
  std::vector<Snapshot> both = TwoMoments(kBenchTenants);
  for (TenantUsage& tenant : both[1].tenants) {
    for (auto& access : tenant.access) std::swap(access->top[2], access->top[3]);
  }
  return both;
}

std::string TextOf(const Snapshot& snapshot) {
  std::string page;
  Exposition().Render(snapshot, Format::kText, page);
  return page;
}

void Register(const std::string& page, prometheus::Registry& registry) {
  prometheus::Family<prometheus::Gauge>* family = nullptr;
  for (size_t at = 0, end = 0; at < page.size(); at = end + 1) {
    end = page.find('\n', at);
    const std::string line = page.substr(at, end - at);
    if (line.starts_with("# HELP ")) {
      const std::string name = line.substr(7, line.find(' ', 7) - 7);
      family = &prometheus::BuildGauge().Name(name).Help("Bytes.").Register(registry);
    } else if (family != nullptr && !line.starts_with("#")) {
      const size_t space = line.rfind(' '), labels = line.find_first_of("{ ");
      family->Add(ReadLabels(line.substr(labels, space - labels)))
          .Set(std::stod(line.substr(space)));
    }
  }
}

}  // namespace usage
