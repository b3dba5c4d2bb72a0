#include "app/busy_timer.h"

#include <gtest/gtest.h>

namespace usage {
namespace {

using std::chrono::seconds;

// A page was described while nobody was marked: the ledger's database then seemed to have been
// silent since the machine's start.
TEST(BusyTimerTest, NobodyIsNotBusySinceTheClocksBeginning) {
  BusyTimer timer;
  const BusyTimer::Clock::time_point now(seconds(1'000'000));
  EXPECT_EQ(timer.busy_for(now), seconds(0));
  {
    BusyTimer::Mark mark(timer, now);
    EXPECT_EQ(timer.busy_for(now + seconds(11)), seconds(11));
  }
  EXPECT_EQ(timer.busy_for(now + seconds(11)), seconds(0));
}

}  // namespace
}  // namespace usage
