#include "gateway/fair_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/gateway/gateway_under_test.h"

namespace usage::gateway::testing {
namespace {

using ::testing::ElementsAre;
using Verdict = FairQueue::Verdict;

constexpr FairQueue::Limits kPatient{0, 100, std::chrono::minutes(1)};
constexpr FairQueue::Limits kImpatient{0, 0, std::chrono::milliseconds(0)};

TEST(FairQueueTest, GivesPlacesUpToItsCapacity) {
  FairQueue queue(2);
  auto first = queue.Enter("a", kImpatient, {});
  auto second = queue.Enter("b", kImpatient, {});
  EXPECT_EQ(first.verdict, Verdict::kGranted);
  EXPECT_EQ(second.verdict, Verdict::kGranted);
  EXPECT_EQ(queue.Enter("c", kImpatient, {}).verdict, Verdict::kFull);
  first = {};
  EXPECT_EQ(queue.Enter("c", kImpatient, {}).verdict, Verdict::kGranted);
}

TEST(FairQueueTest, ATenantHasNoMoreThanItsOwnLimit) {
  FairQueue queue(10);
  FairQueue::Limits limits{1, 0, std::chrono::milliseconds(0)};
  auto held = queue.Enter("a", limits, {});
  EXPECT_EQ(queue.Enter("a", limits, {}).verdict, Verdict::kFull);
  EXPECT_EQ(queue.Enter("b", limits, {}).verdict, Verdict::kGranted);
}

TEST(FairQueueTest, WhoWaitedInVainLeavesNothingBehind) {
  FairQueue queue(1);
  auto held = queue.Enter("a", kImpatient, {});
  FairQueue::Limits limits{0, 5, std::chrono::milliseconds(1)};
  for (int i = 0; i < 20; ++i) EXPECT_EQ(queue.Enter("b", limits, {}).verdict, Verdict::kTimeout);
  EXPECT_EQ(queue.waiting(), 0);
  held = {};
  EXPECT_EQ(queue.running(), 0);
  EXPECT_EQ(queue.Enter("b", limits, {}).verdict, Verdict::kGranted);
}

// Lets tenants wait in a known order, and writes down in which order they are served.
class Waiters {
 public:
  explicit Waiters(FairQueue* queue) : queue_(*queue) {}
  ~Waiters() {
    for (std::thread& thread : threads_) thread.join();
  }
  void Add(const std::string& tenant) {
    int before = queue_.waiting();
    threads_.emplace_back([this, tenant] {
      auto place = queue_.Enter(tenant, kPatient, {});
      std::lock_guard lock(mutex_);
      served_.push_back(tenant);
    });
    ASSERT_TRUE(Eventually([&] { return queue_.waiting() > before; }));
  }
  std::vector<std::string> Served() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    return served_;
  }

 private:
  FairQueue& queue_;
  std::mutex mutex_;
  std::vector<std::string> served_;
  std::vector<std::thread> threads_;
};

TEST(FairQueueTest, PlacesGoRoundTheTenants) {
  FairQueue queue(1);
  auto held = queue.Enter("x", kImpatient, {});
  Waiters waiters(&queue);
  for (const char* tenant : {"a", "a", "a", "a", "b", "c", "b"}) waiters.Add(tenant);
  held = {};
  EXPECT_THAT(waiters.Served(), ElementsAre("a", "b", "c", "a", "b", "a", "a"));
  EXPECT_EQ(queue.running(), 0);
}

TEST(FairQueueTest, ManyThreadsLeaveItEmpty) {
  FairQueue queue(3);
  std::atomic<int> inside{0}, most{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 300; ++j) {
        auto place =
            queue.Enter("t" + std::to_string(i % 4), {2, 100, std::chrono::minutes(1)}, {});
        if (place.verdict != Verdict::kGranted) continue;
        int now = ++inside;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        --inside;
      }
    });
  }
  threads.clear();
  EXPECT_LE(most, 3);
  EXPECT_EQ(queue.running(), 0);
  EXPECT_EQ(queue.waiting(), 0);
}

}  // namespace
}  // namespace usage::gateway::testing
