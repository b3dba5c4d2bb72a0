#include "grafana/live_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/support/golden.h"

namespace usage::grafana {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Instant kAt = FromUnixMicros(1'795'421'600'123'499);

class LiveLinesTest : public ::testing::Test {
 protected:
  LiveLinesTest() {
    tenant_.id = "acme";
    AccessUsage& hotspot = tenant_.access[0].emplace();
    hotspot.total = {1'234'567'890'123'456'789, 7};
    hotspot.today = {1, 2};
    hotspot.month = {3, 4};
    hotspot.sessions = 12;
    hotspot.top = {{"02:00:00:00:00:01", {1, 2}, {3, 4}}, {"Zoë, room = 7", {0, 0}, {1, 1}}};
    tenant_.access[1].emplace();
    rates_ = {Rate{1500.5, 0, kShortWindow}, Rate{0, 1e-9, kShortWindow}};
  }

  LiveFrame Frame(size_t top = 10) const { return {tenant_, rates_, top}; }

  TenantUsage tenant_;
  Rates::Row rates_;
};

TEST_F(LiveLinesTest, HaveBothMeasurementsWithAllFieldsAndTheTimeInWholeMilliseconds) {
  ::usage::testing::ExpectGolden(
      std::filesystem::path(USAGE_SOURCE_DIR) / "tests/grafana/live_lines.golden",
      LiveLines(Frame(), kAt));
}

TEST_F(LiveLinesTest, NeverHoldWhatIsNoNumber) {
  rates_ = {Rate{std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(),
                 kShortWindow},
            Rate{1e300, 0, kShortWindow}};
  const std::string lines = LiveLines(Frame(), kAt);
  EXPECT_THAT(lines, HasSubstr("upload_bps=0,download_bps=0,"));
  for (const char* bad : {"inf", "nan", "e+"}) EXPECT_THAT(lines, Not(HasSubstr(bad)));
}

TEST_F(LiveLinesTest, LeaveAnAccessOutUntilItsRateIsKnown) {
  rates_[0].reset();
  const std::string lines = LiveLines(Frame(), kAt);
  EXPECT_THAT(lines, Not(HasSubstr("traffic,access=hotspot")));
  EXPECT_THAT(lines, HasSubstr("traffic,access=pppoe"));
  EXPECT_THAT(lines, HasSubstr("subscribers,access=hotspot"));
}

TEST_F(LiveLinesTest, AreNoneBeforeTheFirstSession) {
  tenant_.access = {};
  EXPECT_EQ(LiveLines(Frame(), kAt), "");
}

TEST_F(LiveLinesTest, HaveNoMoreSubscribersThanWanted) {
  EXPECT_THAT(LiveLines(Frame(1), kAt), Not(HasSubstr("room")));
  EXPECT_THAT(LiveLines(Frame(0), kAt), Not(HasSubstr("subscribers")));
}

TEST_F(LiveLinesTest, AreTheSameWhereAFrameShowsTheSame) {
  TenantUsage other = tenant_;
  other.access[0]->data_timestamp = kAt;
  other.access[0]->top[1].month = {1, 2};
  EXPECT_TRUE(Frame(1) == (LiveFrame{other, rates_, 1}));
  EXPECT_FALSE(Frame(2) == (LiveFrame{other, rates_, 2}));
  other = tenant_;
  other.access[1]->sessions = 1;
  EXPECT_FALSE(Frame() == (LiveFrame{other, rates_, 10}));
  const Rates::Row slower = {rates_[0], std::nullopt};
  EXPECT_FALSE(Frame() == (LiveFrame{tenant_, slower, 10}));
}

TEST(LiveTag, SaysEveryNameInWhatTheProtocolHas) {
  const std::pair<std::string, std::string> cases[] = {
      {"plain", "plain"},
      {"a,b=c d", "a\\,b\\=c\\ d"},
      {"DOMAIN\\user", "DOMAIN\\user"},  // a backslash before a letter is one
      {"a\\,b", "a\uFF3C\\,b"},
      {"a\\ b", "a\uFF3C\\ b"},
      {"a\\\"b", "a\uFF3C\"b"},
      {"end\\", "end\uFF3C"},
      {"two\\\\", "two\uFF3C\uFF3C"},
      {"a\nb\tc\x7f", "a\uFFFDb\uFFFDc\uFFFD"},
      {std::string("nul\0!", 5), "nul\uFFFD!"},
      {"caf\xE9", "caf\uFFFD~e9"},
      {"", "-"},
  };
  for (const auto& [raw, tag] : cases) EXPECT_EQ(LiveTag(raw), tag) << raw;
}

TEST(LiveTag, IsCutAtACharacter) {
  EXPECT_EQ(LiveTag(std::string(1'000'000, 'x')), std::string(256, 'x'));
  std::string wide;
  for (int i = 0; i < 100; ++i) wide += "\u20AC";
  EXPECT_EQ(LiveTag(wide), wide.substr(0, 255));
}

}  // namespace
}  // namespace usage::grafana
