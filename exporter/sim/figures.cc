#include "sim/figures.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "core/zone.h"

namespace usage::sim {
namespace {

constexpr const char* kOther = "other";

uint64_t Apart(uint64_t a, uint64_t b) { return a > b ? a - b : b - a; }

FigureKey KeyOf(FigureKind kind, const TruthKey& key) {
  return {kind, key.tenant, std::string(AccessName(key.access)), "", ""};
}

const Zone& ZoneOf(const TruthTenant& tenant) {
  const Zone* zone = Zone::Find(tenant.zone);
  if (zone == nullptr)
    throw std::runtime_error(tenant.zone + ": no such time zone; install tzdata");
  return *zone;
}

Day BillingDayIn(std::chrono::year_month month, int billing_day) {
  auto last = static_cast<unsigned>((month / std::chrono::last).day());
  return Day::FromCivil(static_cast<int>(month.year()), static_cast<unsigned>(month.month()),
                        std::min(last, static_cast<unsigned>(billing_day)));
}

// One tenant's local now.
struct LocalNow {
  Day today;
  Day month;
};

// Adds the figures of one subscriber.
void AddToPage(const TruthKey& key, const DayVolumes& days, const LocalNow& now, Figures& page) {
  FigureKey subscriber = KeyOf(FigureKind::kSubscriberToday, key);
  subscriber.subscriber = key.subscriber;
  for (const auto& [day, volume] : days) {
    page[KeyOf(FigureKind::kTotal, key)] += volume;
    if (day >= now.month) page[KeyOf(FigureKind::kMonth, key)] += volume;
    if (day == now.today) {
      page[KeyOf(FigureKind::kToday, key)] += volume;
      page[subscriber] += volume;
    }
  }
}

}  // namespace

const char* FigureKindName(FigureKind kind) {
  switch (kind) {
    case FigureKind::kTotal:
      return "total";
    case FigureKind::kToday:
      return "today";
    case FigureKind::kMonth:
      return "month";
    case FigureKind::kDay:
      return "day";
    case FigureKind::kSubscriberDay:
      return "subscriber day";
    case FigureKind::kSubscriberToday:
      break;
  }
  return "subscriber today";
}

Day BillingMonthOf(Day day, int billing_day) {
  auto civil = day.civil();
  auto month = civil.year() / civil.month();
  Day begin = BillingDayIn(month, billing_day);
  return begin <= day ? begin : BillingDayIn(month - std::chrono::months(1), billing_day);
}

Figures TableFigures(const Truth& truth) {
  Figures figures;
  for (const auto& [key, days] : truth.bytes) {
    for (const auto& [day, volume] : days) {
      FigureKey figure = KeyOf(FigureKind::kTotal, key);
      figures[figure] += volume;
      figure.kind = FigureKind::kDay;
      figure.day = day.ToString();
      figures[figure] += volume;
      figure.kind = FigureKind::kSubscriberDay;
      figure.subscriber = key.subscriber;
      figures[figure] += volume;
    }
  }
  return figures;
}

Figures PageFigures(const Truth& truth, Instant now) {
  std::map<std::string, LocalNow> clocks;
  for (const auto& [id, tenant] : truth.tenants) {
    Day today = ZoneOf(tenant).At(now);
    clocks[id] = {today, BillingMonthOf(today, tenant.billing_day)};
  }
  Figures page;
  for (const auto& [key, days] : truth.bytes) AddToPage(key, days, clocks[key.tenant], page);
  return page;
}

uint64_t Difference::bytes() const {
  return Apart(truth.upload, found.upload) + Apart(truth.download, found.download);
}

std::vector<Difference> Compare(const Figures& truth, const Figures& found,
                                bool with_unknown_tenants) {
  std::set<std::string> known;
  for (const auto& [key, volume] : truth) known.insert(key.tenant);
  std::map<FigureKey, Difference> all;
  for (const auto& [key, volume] : truth) all[key] = {key, volume, {}};
  for (const auto& [key, volume] : found) {
    if (!with_unknown_tenants && !known.contains(key.tenant)) continue;
    all[key].key = key;
    all[key].found = volume;
  }
  std::vector<Difference> differences;
  for (const auto& [key, difference] : all) {
    if (difference.bytes() > 0) differences.push_back(difference);
  }
  return differences;
}

Figures FoldOthers(const Figures& truth, const Figures& found) {
  Figures folded;
  for (const auto& [key, volume] : truth) {
    FigureKey shown = key;
    bool is_subscriber = key.kind == FigureKind::kSubscriberToday;
    if (is_subscriber && (key.subscriber == kOther || !found.contains(key))) {
      shown.subscriber = kOther;
    }
    folded[shown] += volume;
  }
  return folded;
}

}  // namespace usage::sim
