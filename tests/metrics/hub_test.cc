#include "metrics/hub.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace usage {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kLong{60'000};

SnapshotPtr MakeSnapshot(int64_t micros) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->at = FromUnixMicros(micros);
  return snapshot;
}

TEST(SnapshotHub, HasNothingBeforeTheFirstSnapshot) {
  SnapshotHub hub;
  EXPECT_EQ(hub.Latest(), nullptr);
  EXPECT_EQ(hub.WaitNewer(nullptr, milliseconds(1)), nullptr);
}

TEST(SnapshotHub, GivesTheNewestOnly) {
  SnapshotHub hub;
  const SnapshotPtr first = MakeSnapshot(1), second = MakeSnapshot(2), third = MakeSnapshot(3);
  hub.Publish(first);
  hub.Publish(second);
  hub.Publish(third);
  EXPECT_EQ(hub.Latest(), third);
  EXPECT_EQ(hub.WaitNewer(first, kLong), third);
  EXPECT_EQ(hub.WaitNewer(third, milliseconds(1)), nullptr);
}

TEST(SnapshotHub, WakesWhoWaitsForANewerOne) {
  SnapshotHub hub;
  const SnapshotPtr old = MakeSnapshot(1), fresh = MakeSnapshot(2);
  hub.Publish(old);
  SnapshotPtr got;
  std::thread waiter([&] { got = hub.WaitNewer(old, kLong); });
  hub.Publish(fresh);
  waiter.join();
  EXPECT_EQ(got, fresh);
}

TEST(SnapshotHub, CloseWakesEverybodyAndLeavesTheLastSnapshotReadable) {
  SnapshotHub hub;
  const SnapshotPtr only = MakeSnapshot(1), late = MakeSnapshot(2);
  hub.Publish(only);
  std::vector<std::thread> waiters;
  waiters.reserve(4);
  for (int i = 0; i < 4; ++i) {
    waiters.emplace_back([&] { EXPECT_EQ(hub.WaitNewer(only, kLong), nullptr); });
  }
  hub.Close();
  for (std::thread& waiter : waiters) waiter.join();
  EXPECT_TRUE(hub.closed());
  hub.Publish(late);
  EXPECT_EQ(hub.Latest(), late);
}

TEST(SnapshotHub, NobodySeesAnOlderOneAfterANewerOne) {
  SnapshotHub hub;
  constexpr int kSnapshots = 2000;
  std::vector<std::thread> readers;
  readers.reserve(3);
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      SnapshotPtr seen;
      while (!seen || UnixMicros(seen->at) < kSnapshots) {
        const SnapshotPtr next = hub.WaitNewer(seen, kLong);
        ASSERT_NE(next, nullptr);
        ASSERT_TRUE(!seen || next->at > seen->at);
        seen = next;
      }
    });
  }
  for (int i = 1; i <= kSnapshots; ++i) hub.Publish(MakeSnapshot(i));
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace usage
