#include "core/http_url.h"

#include <gtest/gtest.h>

namespace usage {
namespace {

TEST(HttpUrl, IsTakenApart) {
  const auto url = ParseHttpUrl("https://[::1]:8443/select/0:0/grafana/");
  ASSERT_TRUE(url) << url.error();
  EXPECT_EQ(*url, (HttpUrl{"::1", 8443, "/select/0:0/grafana", true}));
  EXPECT_EQ(url->Authority(), "[::1]:8443");
}

TEST(HttpUrl, HasTheUsualPortWhenNoneIsWritten) {
  EXPECT_EQ(*ParseHttpUrl("http://grafana"), (HttpUrl{"grafana", 80, "", false}));
  EXPECT_EQ(*ParseHttpUrl("https://grafana/"), (HttpUrl{"grafana", 443, "", true}));
  EXPECT_EQ(ParseHttpUrl("https://grafana")->Authority(), "grafana");
}

TEST(HttpUrl, HasNoUserAndNothingThatWouldEndAHeader) {
  for (const char* bad : {"", "grafana:3000", "http://", "http://:80", "http://a:0", "http://a:x",
                          "http://user:secret@a", "http://a/\r\nX: y", "http://a b",
                          "http://a/../b", "http://a?b", "ftp://a"}) {
    EXPECT_FALSE(ParseHttpUrl(bad)) << bad;
  }
}

}  // namespace
}  // namespace usage
