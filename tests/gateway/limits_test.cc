// What a tenant may ask for, limit by limit; and that one tenant's many requests are its own
// trouble.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/gateway/gateway_under_test.h"

namespace usage::gateway::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// A gateway with one changed limit.
class LimitsTest : public ::testing::Test {
 protected:
  using Change = std::function<void(TenantLimits*)>;
  void Use(const Change& change) {
    gateway_ = std::make_unique<GatewayUnderTest>(
        upstream_, [&](GatewayConfig* config, auto*) { change(&config->limits); });
  }
  // 422, and the message says which limit it was, as the config calls it.
  void ExpectHit(const std::string& target, const std::string& limit) {
    std::string answer = gateway_->Get(target);
    EXPECT_EQ(StatusOf(answer), 422) << target << answer;
    EXPECT_THAT(BodyOf(answer),
                AllOf(HasSubstr(R"("errorType":"execution")"), HasSubstr("(limit " + limit + " ")));
    EXPECT_THAT(gateway_->metrics(),
                HasSubstr(R"(usage_gateway_limit_hits_total{tenant_id="A",limit=")" + limit));
  }
  void ExpectGood(const std::string& target) {
    EXPECT_EQ(StatusOf(gateway_->Get(target)), 200) << target;
  }

  FakeUpstream upstream_;
  std::unique_ptr<GatewayUnderTest> gateway_;
};

TEST_F(LimitsTest, RequestsPerSecondGive429WithRetryAfter) {
  Use([](TenantLimits* limits) {
    limits->requests_per_second = 1;
    limits->burst = 3;
  });
  int refused = 0;
  for (int i = 0; i < 20; ++i) {
    std::string answer = gateway_->Get("/api/v1/query?query=up");
    if (StatusOf(answer) != 429) continue;
    ++refused;
    EXPECT_THAT(answer, HasSubstr("Retry-After: 1\r\n"));
    EXPECT_THAT(BodyOf(answer), HasSubstr("limit requests_per_second"));
  }
  EXPECT_GT(refused, 0);
  // Another tenant has its own bucket.
  EXPECT_EQ(StatusOf(gateway_->Get("/api/v1/query?query=up", "token-b")), 200);
}

TEST(RateBucketTest, HoldsABurstAndFillsAtItsRate) {
  RateBucket bucket;
  SteadyTime now = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(bucket.Take(10, 5, now).count(), 0) << i;
  EXPECT_NEAR(bucket.Take(10, 5, now).count(), 0.1, 1e-6);
  EXPECT_EQ(bucket.Take(10, 5, now + std::chrono::milliseconds(101)).count(), 0);
  EXPECT_GT(bucket.Take(10, 5, now + std::chrono::milliseconds(101)).count(), 0);
  EXPECT_EQ(bucket.Take(0, 5, now + std::chrono::milliseconds(101)).count(), 0);  // no limit
}

TEST_F(LimitsTest, PointsOfARange) {
  Use([](TenantLimits* limits) { limits->max_points = 100; });
  ExpectGood("/api/v1/query_range?query=up&start=0&end=99&step=1");
  ExpectHit("/api/v1/query_range?query=up&start=0&end=100&step=1", "max_points");
  ExpectHit("/api/v1/query_range?query=up&start=0&end=1e9&step=1ms", "max_points");
  ExpectHit(
      "/api/v1/query_range?query=up&start=1970-01-01T00:00:00Z&end=1970-01-01T01:00:00Z&step=1s",
      "max_points");
}

TEST_F(LimitsTest, PointsOfASubquery) {
  Use([](TenantLimits* limits) { limits->max_points = 100; });
  ExpectGood("/api/v1/query?query=max_over_time(up[10m:1m])");
  ExpectHit("/api/v1/query?query=max_over_time(up[1d:1s])", "max_points");
}

TEST_F(LimitsTest, Range) {
  Use([](TenantLimits* limits) { limits->max_range = std::chrono::hours(1); });
  ExpectGood("/api/v1/query_range?query=up&start=0&end=3600&step=60");
  ExpectHit("/api/v1/query_range?query=up&start=0&end=3601&step=60", "max_range");
  ExpectHit("/api/v1/labels?start=0&end=3601", "max_range");
}

TEST_F(LimitsTest, Lookback) {
  Use([](TenantLimits* limits) { limits->max_lookback = std::chrono::hours(1); });
  ExpectGood("/api/v1/query?query=rate(up[1h])");
  ExpectHit("/api/v1/query?query=rate(up[61m])", "max_lookback");
  ExpectHit("/api/v1/query?query=rate(up[30m]+offset+31m)", "max_lookback");
  ExpectHit("/api/v1/query?query=up+%40+0", "max_lookback");
  ExpectHit("/api/v1/query?query=up&lookback_delta=2h", "max_lookback");
}

TEST_F(LimitsTest, LengthAndDepthOfAQuery) {
  Use([](TenantLimits* limits) {
    limits->max_query_bytes = 50;
    limits->max_query_depth = 5;
  });
  ExpectGood("/api/v1/query?query=" + std::string(50, 'a'));
  ExpectHit("/api/v1/query?query=" + std::string(51, 'a'), "max_query_bytes");
  ExpectHit("/api/v1/series?match[]=" + std::string(26, 'a') + "&match[]=" + std::string(26, 'b'),
            "max_query_bytes");
  ExpectGood("/api/v1/query?query=((((a))))");
  ExpectHit("/api/v1/query?query=((((((((a))))))))", "max_query_depth");
}

TEST(ResponseLimitTest, AnAnswerThatIsTooLargeIsAnErrorWhetherItsLengthIsToldOrNot) {
  const std::string body(5000, 'x');
  for (bool told : {true, false}) {
    FakeUpstream upstream([&](const SeenRequest&, const Line& line) {
      if (told) return line.Send(JsonAnswer(body));
      return line.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n" + body +
                       "\r\n0\r\n\r\n");
    });
    GatewayUnderTest gateway(
        upstream, [](GatewayConfig* config, auto*) { config->limits.max_response_bytes = 4999; });
    std::string answer = gateway.Get("/api/v1/query?query=up");
    EXPECT_EQ(StatusOf(answer), 422) << told;
    EXPECT_THAT(BodyOf(answer), HasSubstr("(limit max_response_bytes "));
  }
}

TEST(ResponseLimitTest, AnAnswerThatTurnsOutTooLargeOnTheWayIsBrokenOff) {
  std::atomic<bool> is_cancelled{false};
  FakeUpstream upstream([&](const SeenRequest&, const Line& line) {
    line.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "10000\r\n" + std::string(65536, 'x') + "\r\n";
    while (line.Send(chunk)) {
    }
    is_cancelled = true;
    return false;
  });
  GatewayUnderTest gateway(upstream, [](GatewayConfig* config, auto*) {
    config->limits.max_response_bytes = 3'000'000;
  });
  RawClient client = gateway.Connect();
  client.Send(
      "GET /api/v1/query?query=up HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-a\r\n\r\n");
  std::string answer = client.ReadToEnd();
  EXPECT_FALSE(answer.ends_with("0\r\n\r\n"));
  EXPECT_LT(answer.size(), 3'200'000u);
  EXPECT_TRUE(Eventually([&] { return is_cancelled.load(); }));
}

// Asks on a thread of its own.
class Asking {
 public:
  Asking(const GatewayUnderTest& gateway, const std::string& token)
      : thread_(
            [this, &gateway, token] { answer_ = gateway.Get("/api/v1/query?query=up", token); }) {}
  std::string answer() {
    if (thread_.joinable()) thread_.join();
    return answer_;
  }

 private:
  std::string answer_;
  std::jthread thread_;
};

TEST(ConcurrencyTest, MoreThanMayRunWaitAndMoreThanMayWaitGet429) {
  Gate end;
  FakeUpstream upstream([&](const SeenRequest&, const Line& line) {
    end.Wait();
    return line.Send(JsonAnswer(kEmptyVector));
  });
  GatewayUnderTest gateway(upstream, [](GatewayConfig* config, auto*) {
    config->limits.max_concurrent = 2;
    config->limits.max_queued = 1;
  });
  Asking first(gateway, "token-a"), second(gateway, "token-a");
  ASSERT_TRUE(Eventually([&] { return upstream.seen().size() == 2; }));
  Asking third(gateway, "token-a");
  ASSERT_TRUE(Eventually([&] { return gateway.gateway().queue().waiting() == 1; }));
  std::string refused = gateway.Get("/api/v1/query?query=up");
  EXPECT_EQ(StatusOf(refused), 429);
  EXPECT_THAT(refused, HasSubstr("Retry-After: "));
  EXPECT_THAT(BodyOf(refused), HasSubstr("limit max_concurrent"));
  end.Open();
  for (Asking* asking : {&first, &second, &third}) EXPECT_EQ(StatusOf(asking->answer()), 200);
}

TEST(ConcurrencyTest, WhoWaitsTooLongGets429) {
  Gate end;
  FakeUpstream upstream([&](const SeenRequest&, const Line& line) {
    end.Wait();
    return line.Send(JsonAnswer(kEmptyVector));
  });
  GatewayUnderTest gateway(upstream, [](GatewayConfig* config, auto*) {
    config->limits.max_concurrent = 1;
    config->limits.queue_timeout = std::chrono::milliseconds(100);
  });
  Asking first(gateway, "token-a");
  ASSERT_TRUE(Eventually([&] { return upstream.seen().size() == 1; }));
  EXPECT_EQ(StatusOf(gateway.Get("/api/v1/query?query=up")), 429);
  end.Open();
}

// Counted, not timed: the noisy tenant has fifty requests waiting when the quiet one asks; the
// quiet one is served after at most one more of them.
TEST(ConcurrencyTest, ANoisyTenantIsNotInFrontOfAQuietOne) {
  std::mutex mutex;
  std::condition_variable changed;
  int allowed = 0;  // answers that may be given
  FakeUpstream upstream([&](const SeenRequest&, const Line& line) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return allowed > 0; });
    --allowed;
    return line.Send(JsonAnswer(kEmptyVector));
  });
  auto allow = [&](int count) {
    std::lock_guard lock(mutex);
    allowed += count;
    changed.notify_all();
  };
  GatewayUnderTest gateway(
      upstream, [](GatewayConfig* config, auto*) { config->upstream.max_concurrent = 1; });
  std::vector<std::unique_ptr<Asking>> noisy;
  for (int i = 0; i < 51; ++i) noisy.push_back(std::make_unique<Asking>(gateway, "token-a"));
  ASSERT_TRUE(Eventually([&] { return gateway.gateway().queue().waiting() == 50; }));
  Asking quiet(gateway, "token-b");
  ASSERT_TRUE(Eventually([&] { return gateway.gateway().queue().waiting() == 51; }));
  allow(3);
  EXPECT_EQ(StatusOf(quiet.answer()), 200);
  EXPECT_GE(gateway.gateway().queue().waiting(), 47);
  allow(1000);
  for (auto& asking : noisy) EXPECT_EQ(StatusOf(asking->answer()), 200);
}

// The upstream is done; that the client does not take the answer is its tenant's trouble alone.
TEST(ConcurrencyTest, AClientThatTakesItsAnswerSlowlyHoldsNoPlaceAtTheUpstream) {
  FakeUpstream upstream([](const SeenRequest& request, const Line& line) {
    if (request.Values("query").at(0).find("large") == std::string::npos) {
      return line.Send(JsonAnswer(kEmptyVector));
    }
    line.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "10000\r\n" + std::string(65536, 'x') + "\r\n";
    for (int i = 0; i < 1600 && line.Send(chunk); ++i) {
    }
    return false;
  });
  GatewayUnderTest gateway(upstream, [](GatewayConfig* config, auto*) {
    config->upstream.max_concurrent = 1;
    config->limits.max_concurrent = 1;
    config->limits.max_queued = 0;
  });
  RawClient slow = gateway.Connect();
  slow.Send(
      "GET /api/v1/query?query=large HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-a\r\n"
      "\r\n");
  ASSERT_TRUE(Eventually([&] { return upstream.seen().size() == 1; }));
  ASSERT_TRUE(Eventually(
      [&] { return StatusOf(gateway.Get("/api/v1/query?query=up", "token-b")) == 200; }));
  EXPECT_EQ(StatusOf(gateway.Get("/api/v1/query?query=up", "token-a")), 429);
}

}  // namespace
}  // namespace usage::gateway::testing
