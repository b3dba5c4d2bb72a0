#include "app/periodic.h"

#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>

namespace usage {
namespace {

using std::chrono::milliseconds;

TEST(PeriodicTest, BeginsAtOnceAndGoesOn) {
  std::counting_semaphore<> calls(0);
  Periodic periodic(milliseconds(1), [&](uint64_t) { calls.release(); });
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(calls.try_acquire_for(std::chrono::seconds(30)));
}

TEST(PeriodicTest, TellsHowManyIntervalsALongCallTook) {
  std::counting_semaphore<> calls(0);
  std::atomic<uint64_t> missed{0};
  Periodic periodic(milliseconds(20), [&](uint64_t m) {
    if (m == 0 && missed == 0) std::this_thread::sleep_for(milliseconds(110));
    missed += m;
    calls.release();
  });
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(calls.try_acquire_for(std::chrono::seconds(30)));
  EXPECT_GE(missed, 5u);
}

TEST(PeriodicTest, WakesBetweenTwoCallsAndMoreWakesAtOnceAreOne) {
  std::counting_semaphore<> begun(0), wakes(0);
  std::atomic<int> woken{0};
  Periodic periodic(
      std::chrono::hours(1), [&](uint64_t) { begun.release(); },
      [&] {
        ++woken;
        wakes.release();
      });
  begun.acquire();
  for (int i = 0; i < 3; ++i) {
    for (int n = 0; n < 1000; ++n) periodic.Wake();
    EXPECT_TRUE(wakes.try_acquire_for(std::chrono::seconds(30)));
  }
  periodic.Stop();
  EXPECT_LT(woken, 1000);
  EXPECT_FALSE(begun.try_acquire()) << "the regular call keeps its time";
}

TEST(PeriodicTest, StopLetsTheCallFinishAndNoneFollows) {
  std::binary_semaphore begun(0);
  std::atomic<int> finished{0};
  Periodic periodic(milliseconds(1), [&](uint64_t) {
    begun.release();
    std::this_thread::sleep_for(milliseconds(30));
    ++finished;
  });
  begun.acquire();
  periodic.Stop();
  int after = finished;
  EXPECT_GE(after, 1);
  std::this_thread::sleep_for(milliseconds(20));
  EXPECT_EQ(finished, after);
}

}  // namespace
}  // namespace usage
