#include "metrics/catalogue.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>
#include <vector>

#include "metrics/decimal.h"
#include "tests/metrics/golden.h"

namespace usage {
namespace {

// Of both pages: one Prometheus has the names of both.
std::vector<Family> AllFamilies() {
  std::vector<Family> all(Catalogue().begin(), Catalogue().end());
  all.insert(all.end(), HistoryCatalogue().begin(), HistoryCatalogue().end());
  return all;
}

TEST(Catalogue, NamesFollowTheConventions) {
  const std::regex word("(usage|process)(_[a-z]+)+");
  std::set<std::string_view> names;
  for (const Family& f : AllFamilies()) {
    SCOPED_TRACE(f.name);
    EXPECT_TRUE(std::regex_match(std::string(f.name), word));
    EXPECT_TRUE(names.insert(f.name).second);
    EXPECT_EQ(f.type == Type::kCounter, f.name.ends_with("_total"));
    EXPECT_EQ(f.type == Type::kInfo, f.name.ends_with("_info"));
    EXPECT_EQ(f.unit.starts_with("bytes"), f.name.find("_bytes") != f.name.npos);
    // Prometheus refuses a whole page over a unit that is not the end of its metric's name.
    const std::string name =
        std::regex_replace(std::string(f.name), std::regex("_(total|info)$"), "");
    EXPECT_TRUE(f.unit.empty() || name.ends_with("_" + std::string(f.unit))) << f.name;
    EXPECT_EQ(f.unit == "seconds", f.name.find("_seconds") != f.name.npos);
  }
}

TEST(Catalogue, HelpIsOneSentenceWithNothingToEscape) {
  for (const Family& f : AllFamilies()) {
    EXPECT_EQ(f.help.find_first_of("\\\"\n|"), f.help.npos) << f.name;
    EXPECT_TRUE(f.help.ends_with('.')) << f.name;
  }
}

// A family without the suffix, as OpenMetrics calls it, must not be another one's name.
TEST(Catalogue, NoTwoFamiliesClashInOpenMetrics) {
  std::set<std::string> names;
  for (const Family& f : AllFamilies()) {
    const std::string name =
        std::regex_replace(std::string(f.name), std::regex("_(total|info)$"), "");
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

struct Heading {
  Topic topic;
  const char* title;
  const char* text;
};

constexpr Heading kHeadings[] = {
    {Topic::kUsage, "Usage",
     "Upload is what came from the subscriber. An access that a tenant never had a session of has "
     "no "
     "series: 0 and \"no data\" are different things. `_today_` and `_month_` begin at the "
     "tenant's "
     "own midnight and billing day."},
    {Topic::kAlerts, "Forecasts and thresholds",
     "A forecast is this billing month's daily run rate, shaped by the weekdays "
     "(docs/accounting.md has the model); absent while too little is known. `quantile` is there "
     "for models that tell how sure they are: select 0.5. An `alert` is a key of the section "
     "`alerts` (docs/configuration.md); those of a quota are absent without one."},
    {Topic::kSubscribers, "Subscribers",
     "The tenant's largest subscribers of the billing month, largest first, and all others "
     "together "
     "as `subscriber=\"other\"`, one literally named other among them: they sum to the tenant's "
     "`usage_today_*`, `usage_month_*` and `usage_sessions`. A name that is not UTF-8 has U+FFFD "
     "for each bad "
     "sequence, "
     "and then `~` and the bytes it had, so that no two become one."},
    {Topic::kLive, "Live",
     "What routers add, where they are configured (docs/routers.md): nothing of it is in the "
     "numbers above. A counter here begins with the exporter's start and is absent until a router "
     "has carried a session of the access. A router of several tenants has `tenant_id=\"\"`. "
     "`span` is `closed`, the sessions that ended since the start, or `today`, the tenant's day."},
    {Topic::kAccounting, "Accounting",
     "What was doubtful and how it was booked. None of it is silent."},
    {Topic::kSources, "Sources",
     "A source that fails keeps its last numbers on the page; `up` and the timestamps tell."},
    {Topic::kRouters, "Routers",
     "Where routers are polled (docs/routers.md). `tenant_id` is empty for a router of several "
     "tenants. What a router does not say has no sample; what it is and its interfaces have none "
     "when they are older than three of routers.details_interval. Counters of interfaces are the "
     "router's own and fall at its reboots, as rate() expects."},
    {Topic::kExporter, "The exporter", "State of the process that made the page."},
    {Topic::kProcess, "The process", "Named as every Prometheus client library names them."},
    {Topic::kHistory, "History: /metrics/history",
     "Closed days and billing months out of the ledger's tables, to the byte, as a page of its own "
     "that is scraped once a minute (docs/operations.md). A day is closed from the tenant's "
     "midnight on; what is booked on it later changes its number here within seconds of the fold. "
     "`day` is a date; on `usage_month_curve_bytes` it is 01 to 31, counted from the billing day, "
     "and `month` is `this`, where today is as old as the page, or `last`. Elsewhere `month` is "
     "the "
     "first day of the billing month. From its first day with bytes on, an access has a 0 for a "
     "day without. A database that fails leaves the page as it is; the timestamp tells."},
};

std::string Row(const Family& f) {
  std::string labels;
  for (const std::string_view name : LabelNames(f)) {
    labels += (labels.empty() ? "`" : ", `") + std::string(name) + '`';
  }
  return "| `" + std::string(f.name) + "` | " + std::string(TypeName(f.type)) + " | " + labels +
         " | " + std::string(f.help) + " |\n";
}

std::string Section(const Heading& heading) {
  std::string text = std::string("\n## ") + heading.title + "\n\n" + heading.text +
                     "\n\n| Metric | Type | Labels | Meaning |\n|---|---|---|---|\n";
  for (const Family& f : AllFamilies()) {
    if (f.topic == heading.topic) text += Row(f);
  }
  return text;
}

std::string Manual() {
  std::string text =
      "# Metrics\n\n"
      "Made from exporter/metrics/catalogue.cc by tests/metrics (`USAGE_REGENERATE=1`); change it "
      "there.\n\n"
      "`/metrics` has them as text 0.0.4 or as OpenMetrics 1.0.0, as `Accept` asks; there, `info` "
      "is "
      "a type of its own, in the text format a gauge that is 1. Integers are exact up to 2^64 - 1. "
      "Timestamps are Unix seconds.\n";
  for (const Heading& heading : kHeadings) text += Section(heading);
  return text;
}

TEST(Catalogue, IsWhatTheManualSays) { ExpectGolden("docs/metrics.md", Manual()); }

TEST(Catalogue, EveryFamilyIsInTheManual) {
  const std::string manual = Manual();
  for (const Family& f : AllFamilies()) {
    EXPECT_NE(manual.find("| `" + std::string(f.name) + "` |"), manual.npos) << f.name;
  }
}

}  // namespace
}  // namespace usage
