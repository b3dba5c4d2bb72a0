#include "sim/routers/router_faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace usage::sim {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const std::string& text) {
  auto plan = ParseRouterFaults(text);
  return plan ? "accepted" : plan.error();
}

TEST(RouterFaults, RatesAreOfRequestsOrOfRouters) {
  auto plan = *ParseRouterFaults("slow=0.1,dead=0.25");
  int dead = 0;
  for (int i = 0; i < 20; ++i) {
    RouterFaults faults = plan.For(i, 20, 7);
    EXPECT_EQ(faults.rate(RouterFault::kSlow), 0.1);
    dead += faults.has(RouterFault::kDead) ? 1 : 0;
  }
  EXPECT_EQ(dead, 5);
}

TEST(RouterFaults, OneRouterMayHaveSeveralOfItsOwn) {
  auto plan =
      *ParseRouterFaults("router3=stall,router3=trap:0.5,router4=reboot:40s,router3=latin1");
  RouterFaults third = plan.For(3, 5, 1);
  EXPECT_EQ(third.rate(RouterFault::kStall), 1);
  EXPECT_EQ(third.rate(RouterFault::kTrap), 0.5);
  EXPECT_TRUE(third.has(RouterFault::kLatin1));
  EXPECT_EQ(plan.For(4, 5, 1).after(RouterFault::kReboot), std::chrono::seconds(40));
  EXPECT_EQ(plan.For(2, 5, 1), RouterFaults());
  EXPECT_EQ(plan.highest(), 4);
}

TEST(RouterFaults, MistakesAreNamedWithTheRemedy) {
  EXPECT_THAT(ErrorOf("slow=2"), HasSubstr("slow=2: write slow=0.1, from 0 to 1, or router3=slow"));
  EXPECT_THAT(ErrorOf("slow"), HasSubstr("write slow=0.1"));
  EXPECT_THAT(ErrorOf("flies=1"), HasSubstr("flies: no such fault; there are slow, stall,"));
  EXPECT_THAT(ErrorOf("router3=flies"), HasSubstr("flies: no such fault"));
  EXPECT_THAT(ErrorOf("router3=trap:7"), HasSubstr("trap:7: write trap, or trap:0.1"));
  EXPECT_THAT(ErrorOf("router3=reboot:0.1"), HasSubstr("write reboot, or reboot:40s"));
  EXPECT_THAT(ErrorOf("router3=dead:1"), HasSubstr("dead:1: write dead"));
  EXPECT_THAT(ErrorOf("routerx=dead"), HasSubstr("routerx: no such fault"));
}

}  // namespace
}  // namespace usage::sim
