#include "app/alert_settings.h"

#include <gtest/gtest.h>

namespace usage {
namespace {

constexpr size_t kWarning = 1;  // quota_warning

TenantInfo Tenant(const std::string& id, double warning, const std::string& fault = "") {
  TenantInfo tenant;
  tenant.id = id;
  tenant.alerts[kWarning] = warning;
  tenant.alerts_fault = fault;
  return tenant;
}

// "a 0.8 b 0.75, 1 bad": the thresholds of the tenants a to d.
std::string Shown(const AlertSettings& settings) {
  Snapshot snapshot;
  for (const char* id : {"a", "b", "c", "d"}) snapshot.tenants.emplace_back().id = id;
  settings.Describe(&snapshot);
  std::ostringstream text;
  for (const TenantUsage& tenant : snapshot.tenants)
    text << tenant.id << " " << tenant.alerts[kWarning].value() << " ";
  text << snapshot.exporter.tenants_with_bad_alerts << " bad";
  return text.str();
}

TEST(AlertSettingsTest, WhoIsNotListedHasTheDefaults) {
  AlertSettings settings(DefaultAlertThresholds());
  EXPECT_EQ(Shown(settings), "a 0.8 b 0.8 c 0.8 d 0.8 0 bad");
  settings.Update({Tenant("d", 0.9), Tenant("b", 0.75), Tenant("bb", 0.1), Tenant("A", 0.1)});
  EXPECT_EQ(Shown(settings), "a 0.8 b 0.75 c 0.8 d 0.9 0 bad");
  settings.Update({Tenant("a", 0.7)});
  EXPECT_EQ(Shown(settings), "a 0.7 b 0.8 c 0.8 d 0.8 0 bad");
}

TEST(AlertSettingsTest, AFaultIsLoggedOnceAndCountedAsLongAsItLasts) {
  AlertSettings settings(DefaultAlertThresholds());
  const std::vector<std::string> news = settings.Update({Tenant("b", 0.75, "bad\nand worse")});
  ASSERT_EQ(news.size(), 1u);
  EXPECT_EQ(news[0],
            "tenant b: bad and worse; the defaults stand in for what is faulty: correct the column "
            "alerts of that tenant");
  EXPECT_TRUE(settings.Update({Tenant("b", 0.75, "bad\nand worse")}).empty());
  EXPECT_EQ(Shown(settings), "a 0.8 b 0.75 c 0.8 d 0.8 1 bad");
  EXPECT_EQ(settings.Update({Tenant("b", 0.75, "otherwise bad")}).size(), 1u);
  EXPECT_TRUE(settings.Update({Tenant("b", 0.75)}).empty());
  EXPECT_EQ(Shown(settings), "a 0.8 b 0.75 c 0.8 d 0.8 0 bad");
}

}  // namespace
}  // namespace usage
