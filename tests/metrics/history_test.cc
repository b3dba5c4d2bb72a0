#include "metrics/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/metrics/golden.h"
#include "tests/metrics/scrape.h"

namespace usage {
namespace {

using testing::IsEmpty;

Instant At(int year, unsigned month, unsigned day, int hour = 0, int minute = 0) {
  return Instant(std::chrono::days(Day::FromCivil(year, month, day).number) +
                 std::chrono::hours(hour) + std::chrono::minutes(minute));
}

Day D(int year, unsigned month, unsigned day) { return Day::FromCivil(year, month, day); }

constexpr Duration kKeepFor = std::chrono::hours(24);

// Rows of the tables as the ledger would have written them.
class Tables {
 public:
  explicit Tables(Instant now) : now_(now) { past_.first_day = FirstDayOfHistory(now); }

  TenantPast& Tenant(const std::string& id, const std::string& zone, int billing_day) {
    TenantPast& tenant = past_.tenants.emplace_back();
    tenant.profile.id = id;
    tenant.profile.calendar = TenantCalendar(*Zone::Find(zone), billing_day);
    return tenant;
  }
  // Days are to come in order.
  void Add(TenantPast& tenant, Access access, Day day, Volume volume) const {
    AccessPast& past = tenant.access[static_cast<size_t>(access)];
    if (day >= past_.first_day) past.days.push_back({day, volume});
    const Day period = tenant.profile.calendar.PeriodOf(day);
    if (past.months.empty() || past.months.back().first != period)
      past.months.push_back({period, {}});
    past.months.back().volume += volume;
  }
  History Made() const { return MakeHistory(past_, now_, kKeepFor); }

 private:
  const Instant now_;
  Past past_;
};

std::string Text(const std::vector<DatedVolume>& rows) {
  std::string text;
  for (const DatedVolume& row : rows) {
    text += row.first.ToString().substr(5) + " " + std::to_string(row.volume.sum()) + "\n";
  }
  return text;
}

std::string Text(const std::vector<CurvePoint>& curve) {
  std::string text;
  for (const CurvePoint& p : curve) {
    text += std::to_string(p.day) + ":" + std::to_string(p.bytes) + " ";
  }
  return text;
}

constexpr Access kPppoe = Access::kPppoe;
const AccessPast& Pppoe(const TenantHistory& tenant) { return tenant.access[1]; }

TEST(HistoryTest, ADayIsClosedFromTheTenantsOwnMidnightOn) {
  for (const bool is_over : {false, true}) {
    Tables tables(At(2026, 11, 22, 18, is_over ? 15 : 14));  // midnight in Kathmandu: 18:15 UTC
    TenantPast& nepal = tables.Tenant("nepal", "Asia/Kathmandu", 1);
    tables.Add(nepal, kPppoe, D(2026, 11, 21), {1, 10});
    tables.Add(nepal, kPppoe, D(2026, 11, 22), {2, 20});
    const History history = tables.Made();
    EXPECT_EQ(Text(Pppoe(history.tenants.at(0)).days),
              is_over ? "11-21 11\n11-22 22\n" : "11-21 11\n");
  }
}

TEST(HistoryTest, ADayWithoutBytesIsZeroAndNoDayIsOlderThanTheFirstWithBytes) {
  Tables tables(At(2026, 11, 23, 12));
  TenantPast& young = tables.Tenant("new", "UTC", 1);
  tables.Add(young, kPppoe, D(2026, 11, 20), {0, 5});
  tables.Add(young, kPppoe, D(2026, 11, 22), {0, 6});
  TenantPast& old = tables.Tenant("old", "UTC", 1);
  tables.Add(old, kPppoe, D(2026, 7, 1), {0, 7});
  tables.Add(old, kPppoe, D(2026, 11, 22), {0, 8});
  const History history = tables.Made();
  EXPECT_EQ(Text(Pppoe(history.tenants[0]).days), "11-20 5\n11-21 0\n11-22 6\n");
  EXPECT_THAT(history.tenants[0].access[0].days, IsEmpty()) << "it never had a hotspot session";
  ASSERT_EQ(Pppoe(history.tenants[1]).days.size(), 31u);
  EXPECT_EQ(Pppoe(history.tenants[1]).days.front().first, D(2026, 10, 23));
  EXPECT_EQ(Text(Pppoe(history.tenants[1]).months), "07-01 7\n08-01 0\n09-01 0\n10-01 0\n");
}

TEST(HistoryTest, ThirteenBillingMonthsOf28To31Days) {
  Tables tables(At(2026, 3, 30, 12));
  TenantPast& last = tables.Tenant("last", "UTC", 31);
  for (Day day = D(2024, 12, 1); day <= D(2026, 3, 30); day = day + 1) {
    tables.Add(last, kPppoe, day, {0, 1});
  }
  EXPECT_EQ(Text(Pppoe(tables.Made().tenants.at(0)).months),
            "01-31 28\n02-28 31\n03-31 30\n04-30 31\n05-31 30\n06-30 31\n07-31 31\n08-31 30\n"
            "09-30 31\n10-31 30\n11-30 31\n12-31 31\n01-31 28\n");
}

TEST(HistoryTest, TheCurvesAddUpBothAccessesByDayOfTheBillingMonth) {
  Tables tables(At(2026, 11, 23, 12));
  TenantPast& tenant = tables.Tenant("acme", "UTC", 20);
  tables.Add(tenant, kPppoe, D(2026, 11, 16), {1, 0});
  tables.Add(tenant, Access::kHotspot, D(2026, 11, 18), {0, 10});
  tables.Add(tenant, kPppoe, D(2026, 11, 20), {100, 0});
  tables.Add(tenant, Access::kHotspot, D(2026, 11, 20), {0, 1000});
  tables.Add(tenant, kPppoe, D(2026, 11, 23), {0, 5});
  const TenantHistory history = tables.Made().tenants.at(0);
  EXPECT_EQ(Text(history.this_month), "1:1100 2:1100 3:1100 4:1105 ");
  EXPECT_EQ(Text(history.last_month), "28:1 29:1 30:11 31:11 ");
}

TEST(HistoryTest, ATenantThatLeftIsShownForAWhile) {
  Tables tables(At(2026, 11, 23, 12));
  tables.Tenant("here", "UTC", 1);
  tables.Tenant("lately", "UTC", 1).profile.gone_since = At(2026, 11, 22, 13);
  tables.Tenant("gone", "UTC", 1).profile.gone_since = At(2026, 11, 22, 11);
  const History history = tables.Made();
  ASSERT_EQ(history.tenants.size(), 2u);
  EXPECT_EQ(history.tenants[1].id, "lately");
}

History HandmadeHistory() {
  Tables tables(At(2026, 11, 3, 2));
  TenantPast& blue = tables.Tenant("0f8fad5b-d9cb-469f-a165-70867728950e", "Africa/Nairobi", 1);
  tables.Add(blue, kPppoe, D(2026, 10, 29), {(uint64_t{1} << 53) + 1, 1});
  tables.Add(blue, kPppoe, D(2026, 10, 31), {1, 20});
  tables.Add(blue, kPppoe, D(2026, 11, 2), {2, 30});
  TenantPast& odd = tables.Tenant("a\"b\\c\nd\xFF", "America/St_Johns", 2);
  tables.Add(odd, Access::kHotspot, D(2026, 10, 31), {3, 40});
  tables.Add(odd, Access::kHotspot, D(2026, 11, 1), {4, 50});
  tables.Add(odd, Access::kHotspot, D(2026, 11, 2), {5, 60});
  return tables.Made();
}

std::string PageOf(const History& history, Format format) {
  std::string page = "whatever was there";
  Exposition().Render(history, format, page);
  return page;
}

TEST(HistoryPage, IsTheGoldenScrape) {
  ExpectGolden("tests/metrics/golden/history.txt", PageOf(HandmadeHistory(), Format::kText));
}

TEST(HistoryPage, IsWellFormedInBothFormatsAndShowsItsCatalogueWhole) {
  std::set<std::string> catalogue, shown;
  for (const Family& family : HistoryCatalogue()) catalogue.emplace(family.name);
  const Scrape text = ReadPage(PageOf(HandmadeHistory(), Format::kText), Format::kText);
  const Scrape open =
      ReadPage(PageOf(HandmadeHistory(), Format::kOpenMetrics), Format::kOpenMetrics);
  EXPECT_THAT(text.faults, IsEmpty());
  EXPECT_THAT(open.faults, IsEmpty());
  EXPECT_EQ(text.samples(), open.samples());
  for (const Sample& sample : text.samples()) shown.insert(sample.name);
  EXPECT_EQ(shown, catalogue);
}

}  // namespace
}  // namespace usage
