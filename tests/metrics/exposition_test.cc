#include "metrics/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/metrics/golden.h"
#include "tests/metrics/handmade.h"
#include "tests/metrics/scrape.h"

namespace usage {
namespace {

using testing::IsEmpty;
constexpr Format kBoth[] = {Format::kText, Format::kOpenMetrics};

Scrape ReadFresh(const Snapshot& snapshot, Format format = Format::kText) {
  return ReadPage(FreshPage(snapshot, format), format);
}

std::set<std::string> NamesIn(const Scrape& scrape) {
  std::set<std::string> names;
  for (const Sample& sample : scrape.samples()) names.insert(sample.name);
  return names;
}

std::map<std::string, std::string> Labels(std::string access, std::string subscriber = "") {
  std::map<std::string, std::string> labels = {{"tenant_id", "7"}, {"access", std::move(access)}};
  if (!subscriber.empty()) labels["subscriber"] = std::move(subscriber);
  return labels;
}

Snapshot OneTenant(AccessUsage pppoe) {
  Snapshot snapshot;
  snapshot.tenants.resize(1);
  snapshot.tenants[0].id = "7";
  snapshot.tenants[0].access[static_cast<size_t>(Access::kPppoe)] = std::move(pppoe);
  return snapshot;
}

TEST(Exposition, TextIsTheGoldenScrape) {
  ExpectGolden("tests/metrics/golden/scrape.txt", FreshPage(HandmadeSnapshot(), Format::kText));
}

TEST(Exposition, OpenMetricsIsTheGoldenScrape) {
  ExpectGolden("tests/metrics/golden/scrape.openmetrics.txt",
               FreshPage(HandmadeSnapshot(), Format::kOpenMetrics));
}

TEST(Exposition, BothFormatsAreWellFormed) {
  for (const Format format : kBoth) {
    EXPECT_THAT(ReadFresh(HandmadeSnapshot(), format).faults, IsEmpty());
  }
}

TEST(Exposition, BothFormatsSayTheSame) {
  EXPECT_EQ(ReadFresh(HandmadeSnapshot(), Format::kText).samples(),
            ReadFresh(HandmadeSnapshot(), Format::kOpenMetrics).samples());
}

TEST(Exposition, ShowsEveryFamilyOfTheCatalogueAndNoOther) {
  std::set<std::string> catalogue;
  for (const Family& family : Catalogue()) catalogue.emplace(family.name);
  EXPECT_EQ(NamesIn(ReadFresh(HandmadeSnapshot())), catalogue);
}

TEST(Exposition, EverySampleHasTheLabelsOfItsRowInTheCatalogue) {
  const Scrape scrape = ReadFresh(HandmadeSnapshot());
  for (const Family& family : Catalogue()) {
    const auto names = LabelNames(family);
    for (const Sample& sample : scrape.samples()) {
      if (sample.name != family.name) continue;
      EXPECT_EQ(sample.labels.size(), names.size()) << family.name;
      for (const std::string_view name : names) {
        EXPECT_TRUE(sample.labels.contains(std::string(name))) << family.name << ' ' << name;
      }
    }
  }
}

TEST(Exposition, CountersAreExactPast53Bits) {
  AccessUsage usage;
  usage.total = {(uint64_t{1} << 53) + 1, UINT64_MAX};
  const Scrape scrape = ReadFresh(OneTenant(usage));
  EXPECT_EQ(scrape.Value("usage_upload_bytes_total", Labels("pppoe")), "9007199254740993");
  EXPECT_EQ(scrape.Value("usage_download_bytes_total", Labels("pppoe")), "18446744073709551615");
}

TEST(Exposition, NoDataIsNoSeriesAndZeroIsZero) {
  const Scrape scrape = ReadFresh(OneTenant({}));
  EXPECT_EQ(scrape.Value("usage_sessions", Labels("pppoe")), "0");
  EXPECT_EQ(scrape.Value("usage_upload_bytes_total", Labels("pppoe")), "0");
  for (const Sample& sample : scrape.samples()) {
    EXPECT_FALSE(sample.labels.contains("access") && sample.labels.at("access") == "hotspot");
  }
  const std::set<std::string> names = NamesIn(scrape);
  EXPECT_FALSE(names.contains("usage_data_timestamp_seconds"));  // no accounting data yet
  EXPECT_FALSE(names.contains("usage_quota_bytes"));             // no quota
}

TEST(Exposition, AnEmptySnapshotIsAWellFormedPageOfTheExporterItself) {
  for (const Format format : kBoth) {
    const Scrape scrape = ReadFresh(Snapshot(), format);
    EXPECT_THAT(scrape.faults, IsEmpty());
    EXPECT_EQ(scrape.Value("usage_exporter_ready"), "0");
    for (const Sample& sample : scrape.samples()) {
      EXPECT_FALSE(sample.labels.contains("tenant_id")) << sample.name;
      EXPECT_FALSE(sample.labels.contains("source")) << sample.name;
    }
  }
}

uint64_t SumOverSubscribers(const Scrape& scrape, const std::string& name,
                            const std::map<std::string, std::string>& labels) {
  uint64_t sum = 0;
  for (const Sample& sample : scrape.samples()) {
    std::map<std::string, std::string> without = sample.labels;
    without.erase("subscriber");
    if (sample.name == name && without == labels) sum += std::stoull(sample.value);
  }
  return sum;
}

TEST(Exposition, TopAndOtherSumToTheTotal) {
  const Scrape scrape = ReadFresh(HandmadeSnapshot());
  int compared = 0;
  for (const Sample& total : scrape.samples()) {
    for (const std::string what : {"today_upload_bytes", "today_download_bytes",
                                   "month_upload_bytes", "month_download_bytes", "sessions"}) {
      if (total.name != "usage_" + what) continue;
      EXPECT_EQ(SumOverSubscribers(scrape, "usage_subscriber_" + what, total.labels),
                std::stoull(total.value));
      ++compared;
    }
  }
  EXPECT_EQ(compared, 15);  // five families of three tenants' accesses
}

TEST(Exposition, SubscribersThatLookTheSameOnceRepairedAreTwoSeries) {
  AccessUsage usage;
  usage.top = {{"caf\xE9", {1, 0}, {}}, {"caf\xE8", {2, 0}, {}}};
  const Scrape scrape = ReadFresh(OneTenant(usage));
  EXPECT_THAT(scrape.faults, IsEmpty());
  const std::string name = "usage_subscriber_today_upload_bytes";
  EXPECT_EQ(scrape.Value(name, Labels("pppoe", "caf\uFFFD~e9")), "1");
  EXPECT_EQ(scrape.Value(name, Labels("pppoe", "caf\uFFFD~e8")), "2");
}

TEST(Exposition, ANameMadeToCollideIsStillASeriesOfItsOwn) {
  AccessUsage usage;
  usage.top = {{"other", {1, 0}, {}}, {"\xFF", {2, 0}, {}}, {"\uFFFD~ff", {3, 0}, {}}};
  usage.other.today = {4, 0};
  const Scrape scrape = ReadFresh(OneTenant(usage));
  EXPECT_THAT(scrape.faults, IsEmpty());
  const std::string name = "usage_subscriber_today_upload_bytes";
  EXPECT_EQ(scrape.Value(name, Labels("pppoe", "other")), "4");
  EXPECT_EQ(SumOverSubscribers(scrape, name, Labels("pppoe")), 10U);
}

TEST(Exposition, TextOfAnyBytesComesBackAsItWas) {
  Snapshot snapshot = OneTenant({});
  snapshot.tenants[0].name = std::string("\0\x01\r\n\t\"\\{},= é", 14);
  snapshot.tenants[0].plan = "broken\xFF";
  snapshot.tenants[0].time_zone = "";
  for (const Format format : kBoth) {
    const Scrape scrape = ReadFresh(snapshot, format);
    EXPECT_THAT(scrape.faults, IsEmpty());
    EXPECT_EQ(scrape.Value("usage_tenant_info", {{"tenant_id", "7"},
                                                 {"tenant", snapshot.tenants[0].name},
                                                 {"plan", "broken\uFFFD"},
                                                 {"time_zone", ""}}),
              "1");
  }
}

TEST(Exposition, OverwritesWhateverThePageWasBefore) {
  const std::string right = FreshPage(HandmadeSnapshot(), Format::kText);
  for (const size_t size : {size_t{0}, size_t{10}, right.size(), 3 * right.size()}) {
    std::string page(size, 'x');
    Exposition().Render(HandmadeSnapshot(), Format::kText, page);
    EXPECT_EQ(page, right);
  }
}

}  // namespace
}  // namespace usage
