// What Exposition keeps between snapshots must never show: after any change, the page is the one
// that an Exposition without a past makes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/metrics/handmade.h"
#include "tests/metrics/scrape.h"

namespace usage {
namespace {

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  void Change(Snapshot& s) {
    switch (Below(6)) {
      case 0:
        return ChangeTenants(s.tenants);
      case 1:
        return ChangeSources(s.sources);
      case 2:
        s.exporter.version = Name();
        s.exporter.revision = Name();
        return;
      default:
        if (!s.tenants.empty()) ChangeTenant(Pick(s.tenants));
    }
  }

 private:
  void ChangeTenants(std::vector<TenantUsage>& tenants) {
    if (tenants.size() < 6 && Below(2) == 0) {
      TenantUsage tenant;
      tenant.id = "t" + std::to_string(Below(1'000'000)) + Name();
      tenants.insert(Place(tenants), tenant);
    } else if (!tenants.empty()) {
      tenants.erase(Place(tenants));
    }
    std::sort(tenants.begin(), tenants.end(), [](auto& a, auto& b) { return a.id < b.id; });
  }

  void ChangeTenant(TenantUsage& tenant) {
    switch (Below(6)) {
      case 0:
        tenant.name = Name();
        return;
      case 1:
        (Below(2) == 0 ? tenant.plan : tenant.time_zone) = Name();
        return;
      case 2:
        tenant.quota_bytes = Below(2) == 0 ? std::nullopt : std::optional(Number());
        return;
      case 3:
        return ToggleAccess(tenant.access[Below(kAccessCount)]);
      default:
        for (auto& access : tenant.access) {
          if (access) ChangeUsage(*access);
        }
    }
  }

  void ToggleAccess(std::optional<AccessUsage>& access) {
    access = access ? std::nullopt : std::optional(AccessUsage());
  }

  void ChangeUsage(AccessUsage& usage) {
    usage.total = usage.late = {Number(), Number()};
    usage.data_timestamp = FromUnixMicros(static_cast<int64_t>(Number() >> 1));
    if (Below(5) == 0) usage.data_timestamp.reset();
    usage.sessions = Number();
    if (usage.top.size() < 5 && Below(2) == 0) {
      usage.top.insert(Place(usage.top), {Name(), {Number(), Number()}, {}});
    } else if (!usage.top.empty() && Below(2) == 0) {
      usage.top.erase(Place(usage.top));
    }
    if (usage.top.size() > 1) std::swap(Pick(usage.top), Pick(usage.top));
  }

  void ChangeSources(std::vector<SourceStatus>& sources) {
    if (sources.size() < 4 && Below(2) == 0) {
      SourceStatus source;
      source.name = "s" + std::to_string(Below(1'000'000));
      sources.insert(Place(sources), source);
    } else if (!sources.empty()) {
      SourceStatus& source = Pick(sources);
      source.type = Name();
      source.cases = {{Below(2) == 0 ? "reset" : "wrapped", Number()}};
      if (Below(4) == 0) sources.erase(Place(sources));
    }
  }

  template <typename T>
  T& Pick(std::vector<T>& all) {
    return all[Below(all.size())];
  }
  // Of an item, or the end of an empty list.
  template <typename T>
  typename std::vector<T>::iterator Place(std::vector<T>& all) {
    return all.begin() + static_cast<ptrdiff_t>(all.empty() ? 0 : Below(all.size()));
  }

  // Few enough to meet each other again, broken and hostile ones among them.
  std::string Name() {
    constexpr const char* kNames[] = {"",  "anna", "ben",        "other",     "\xFF", "\xFE",
                                      "é", "\"\\", "line\nfeed", "\uFFFD~ff", "anna~"};
    return kNames[Below(std::size(kNames))];
  }

  uint64_t Number() { return random_() >> Below(64); }
  size_t Below(size_t end) { return random_() % end; }

  std::mt19937_64 random_;
};

TEST(ExpositionCache, IsInvisibleAfterAnyChange) {
  for (const unsigned seed : {1U, 2U, 3U}) {
    Mutator mutator(seed);
    Snapshot snapshot = HandmadeSnapshot();
    Exposition exposition;
    std::string page;
    for (int step = 0; step < 3000; ++step) {
      const Format format = step % 3 == 0 ? Format::kOpenMetrics : Format::kText;
      exposition.Render(snapshot, format, page);
      ASSERT_EQ(page, FreshPage(snapshot, format)) << "seed " << seed << ", step " << step;
      if (step % 10 == 0) {
        ASSERT_THAT(ReadPage(page, format).faults, testing::IsEmpty());
      }
      mutator.Change(snapshot);
    }
  }
}

}  // namespace
}  // namespace usage
