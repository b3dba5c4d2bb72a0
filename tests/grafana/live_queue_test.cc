#include "grafana/live_queue.h"

#include <gtest/gtest.h>

namespace usage::grafana {
namespace {

using namespace std::chrono_literals;
using Kind = PushAnswer::Kind;

class LiveQueueTest : public ::testing::Test {
 protected:
  // The tenants whose pushes begin now, in order.
  std::string Begin() {
    std::string tenants;
    while (auto job = queue_.Take(now_)) {
      tenants += job->tenant;
      jobs_.push_back(*job);
    }
    return tenants;
  }

  void End(Kind kind = Kind::kTaken) {
    for (const auto& job : std::exchange(jobs_, {})) queue_.Done(job, kind, now_);
  }

  std::string BeginAndEnd() {
    std::string tenants = Begin();
    End();
    return tenants;
  }

  LiveQueue queue_{5s};
  LiveQueue::Time now_{1h};
  std::vector<LiveQueue::Job> jobs_;
};

TEST_F(LiveQueueTest, GivesAFrameToEveryNewOrgAndThenToThoseWithNews) {
  queue_.SetTokens({{"a", "1"}, {"b", "2"}}, now_);
  EXPECT_EQ(BeginAndEnd(), "ab");
  now_ += 5s;
  queue_.Changed("b", now_);
  queue_.Changed("no org", now_);
  EXPECT_EQ(BeginAndEnd(), "b");
  EXPECT_EQ(BeginAndEnd(), "");
}

TEST_F(LiveQueueTest, KeepsTheIntervalAndDropsNothingThatWaitsForIt) {
  queue_.SetTokens({{"a", "1"}}, now_);
  EXPECT_EQ(BeginAndEnd(), "a");
  for (int i = 0; i < 4; ++i) {
    now_ += 1s;
    queue_.Changed("a", now_);
    EXPECT_EQ(BeginAndEnd(), "") << i;
  }
  EXPECT_EQ(queue_.NextDue(), now_ + 1s);
  now_ += 1s;
  EXPECT_EQ(BeginAndEnd(), "a");
  EXPECT_EQ(queue_.dropped(), 0u);
}

TEST_F(LiveQueueTest, SaysAtLeastOnceAMinuteThatAllIsWell) {
  queue_.SetTokens({{"a", "1"}}, now_);
  EXPECT_EQ(BeginAndEnd(), "a");
  now_ += 29s;
  EXPECT_EQ(BeginAndEnd(), "");
  now_ += 31s;
  EXPECT_EQ(BeginAndEnd(), "a");
}

TEST_F(LiveQueueTest, OrgsThatBeganTogetherDoNotStayTogether) {
  LiveTokenMap tokens;
  for (int i = 0; i < 1000; ++i) tokens["tenant " + std::to_string(i)] = "t";
  queue_.SetTokens(tokens, now_);
  BeginAndEnd();
  now_ += 45s;
  Begin();
  EXPECT_GT(jobs_.size(), 300u);
  EXPECT_LT(jobs_.size(), 700u);
}

TEST_F(LiveQueueTest, PushesAnOrgsFramesOneAfterTheOther) {
  queue_.SetTokens({{"a", "1"}}, now_);
  EXPECT_EQ(Begin(), "a");
  now_ += 10s;
  queue_.Changed("a", now_);
  EXPECT_EQ(Begin(), "");
  End();
  EXPECT_EQ(Begin(), "a");
}

TEST_F(LiveQueueTest, CountsTheFramesThatGaveWayToNewerOnes) {
  queue_.SetTokens({{"a", "1"}, {"b", "2"}}, now_);
  EXPECT_EQ(Begin(), "ab");  // and Grafana is slow
  now_ += 5s;
  queue_.Changed("a", now_);
  EXPECT_EQ(queue_.dropped(), 0u);
  queue_.Changed("a", now_);
  queue_.Changed("a", now_);
  EXPECT_EQ(queue_.dropped(), 2u);
  End();
  EXPECT_EQ(BeginAndEnd(), "a");
}

TEST_F(LiveQueueTest, ThoseWhoWaitLongestComeFirst) {
  queue_.SetTokens({{"a", "1"}, {"b", "2"}, {"c", "3"}}, now_);
  EXPECT_EQ(BeginAndEnd(), "abc");
  now_ += 5s;
  for (const char* tenant : {"c", "a", "b"}) queue_.Changed(tenant, now_ += 1s);
  EXPECT_EQ(BeginAndEnd(), "cab");
}

TEST_F(LiveQueueTest, PausesLongerEachTimeThatGrafanaGivesNoAnswer) {
  queue_.SetTokens({{"a", "1"}, {"b", "2"}}, now_);
  EXPECT_EQ(Begin(), "ab");
  End(Kind::kNoAnswer);  // both fail together, and count once
  LiveQueue::Milliseconds pause = LiveQueue::kFirstPause;
  for (int i = 0; i < 10; ++i) {
    now_ = *queue_.NextDue();
    EXPECT_EQ(Begin().size(), 1u) << "one alone tries " << i;
    End(Kind::kNoAnswer);
    pause = std::min(pause * 2, LiveQueue::kLongestPause);
    EXPECT_GE(*queue_.NextDue(), now_ + pause);
  }
  EXPECT_EQ(pause, LiveQueue::kLongestPause);
}

TEST_F(LiveQueueTest, GivesEveryOrgAFrameWhenGrafanaIsBack) {
  queue_.SetTokens({{"a", "1"}, {"b", "2"}, {"c", "3"}}, now_);
  EXPECT_EQ(BeginAndEnd(), "abc");
  now_ += 5s;
  queue_.Changed("a", now_);
  EXPECT_EQ(Begin(), "a");
  End(Kind::kNoAnswer);
  now_ += 10s;
  EXPECT_EQ(Begin(), "a");
  End();
  EXPECT_EQ(BeginAndEnd(), "bc");
  now_ += 5s;
  EXPECT_EQ(BeginAndEnd(), "a");
}

TEST_F(LiveQueueTest, ARefusedTokenIsTriedAgainWhenItIsAnotherOneOrAfterAMinute) {
  queue_.SetTokens({{"a", "1"}}, now_);
  EXPECT_EQ(Begin(), "a");
  End(Kind::kRefused);
  now_ += 30s;
  queue_.Changed("a", now_);
  queue_.SetTokens({{"a", "1"}}, now_);
  EXPECT_EQ(Begin(), "");
  now_ += 30s;
  EXPECT_EQ(Begin(), "a");
  End(Kind::kRefused);
  queue_.SetTokens({{"a", "2"}}, now_);
  EXPECT_EQ(Begin(), "a");
  EXPECT_EQ(jobs_[0].token, "2");
}

TEST_F(LiveQueueTest, ATokenThatChangedDuringItsPushIsTriedAtOnce) {
  queue_.SetTokens({{"a", "1"}}, now_);
  EXPECT_EQ(Begin(), "a");
  queue_.SetTokens({{"a", "2"}}, now_);
  End(Kind::kRefused);
  EXPECT_EQ(Begin(), "a");
  EXPECT_EQ(jobs_[0].token, "2");
}

TEST_F(LiveQueueTest, ARejectedFrameWaitsForNews) {
  queue_.SetTokens({{"a", "1"}, {"b", "2"}}, now_);
  EXPECT_EQ(Begin(), "ab");
  End(Kind::kRejected);
  now_ += 5s;
  queue_.Changed("a", now_);
  EXPECT_EQ(Begin(), "a") << "and Grafana is not taken for away";
}

TEST_F(LiveQueueTest, AnOrgThatIsGoneGetsNothingMore) {
  queue_.SetTokens({{"a", "1"}, {"b", "2"}}, now_);
  EXPECT_EQ(Begin(), "ab");
  queue_.SetTokens({}, now_);
  End();
  EXPECT_EQ(queue_.orgs(), 0u);
  now_ += 1h;
  queue_.Changed("a", now_);
  EXPECT_EQ(Begin(), "");
  EXPECT_EQ(queue_.NextDue(), std::nullopt);
}

TEST_F(LiveQueueTest, TheFirstNumbersOfATenantGoOutAtOnce) {
  queue_.SetTokens({{"a", "1"}}, now_);
  EXPECT_EQ(Begin(), "a");
  queue_.Skipped(jobs_[0], now_);
  jobs_.clear();
  EXPECT_EQ(Begin(), "");
  queue_.Changed("a", now_);
  EXPECT_EQ(Begin(), "a");
}

}  // namespace
}  // namespace usage::grafana
