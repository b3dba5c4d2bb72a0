#include "doctor/amounts.h"

#include <gtest/gtest.h>

#include "core/wrap.h"
#include "doctor/metrics_page.h"

namespace usage::doctor {
namespace {

TEST(Amounts, AreWhatPeopleRead) {
  EXPECT_EQ(Count(0), "0");
  EXPECT_EQ(Count(999), "999");
  EXPECT_EQ(Count(1234567), "1,234,567");
  EXPECT_EQ(Count(1, "token"), "1 token");
  EXPECT_EQ(Count(1000, "token"), "1,000 tokens");
  EXPECT_EQ(Bytes(0), "0 B");
  EXPECT_EQ(Bytes(999), "999 B");
  EXPECT_EQ(Bytes(1000), "1.00 kB");
  EXPECT_EQ(Bytes(999'600), "1.00 MB");
  EXPECT_EQ(Bytes(12'345'678'901), "12.3 GB");
  EXPECT_EQ(BitRate(123'000'000), "123 Mbit/s");
  EXPECT_EQ(Percent(1, 3), "33 %");
  EXPECT_EQ(Percent(1, 0), "0 %");
}

TEST(Amounts, OfTimeHaveOneUnit) {
  using std::chrono::duration;
  EXPECT_EQ(Span(duration<double>(0.0123)), "12 ms");
  EXPECT_EQ(Span(duration<double>(1.26)), "1.3 s");
  EXPECT_EQ(Span(duration<double>(119.4)), "119 s");
  EXPECT_EQ(Span(duration<double>(7199)), "119 min");
  EXPECT_EQ(Span(duration<double>(26 * 3600)), "26 h");
  EXPECT_EQ(Span(duration<double>(9.9 * 86400)), "9 days");
}

TEST(Wrapped, BreaksAtSpacesAndKeepsLongWordsAndBreaks) {
  EXPECT_EQ(Wrapped("one two three", 2, 0, 8), "one two\n  three");
  EXPECT_EQ(Wrapped("one twothreefour five", 2, 0, 8), "one\n  twothreefour\n  five");
  EXPECT_EQ(Wrapped("a\nb", 1, 0, 8), "a\n b");
  EXPECT_EQ(Wrapped("", 2, 0, 8), "");
  EXPECT_EQ(Wrapped("ééé ééé", 0, 0, 7), "ééé ééé");
}

TEST(AMetricsPage, IsAskedByLabels) {
  const MetricsPage page("# HELP a\na{x=\"1\",y=\"2\"} 3\na{x=\"2\"} 4e3\nb 5\n");
  EXPECT_EQ(page.Value("a", {{"x", "1"}}), 3);
  EXPECT_EQ(page.Sum("a"), 4003);
  EXPECT_EQ(page.Count("a"), 2u);
  EXPECT_EQ(page.Label("a", "y"), "2");
  EXPECT_EQ(page.Label("b", "y"), "");
  EXPECT_FALSE(page.Value("c"));
  EXPECT_THROW(MetricsPage("<html>\n"), std::runtime_error);
}

}  // namespace
}  // namespace usage::doctor
