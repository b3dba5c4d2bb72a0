#include "sim/routers/fake_routers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace usage::sim {
namespace {

using ::testing::HasSubstr;

FakeRoutersOptions Good() {
  FakeRoutersOptions options;
  options.routers = 4;
  options.folder = "/tmp/routers";
  return options;
}

TEST(FakeRoutersOptions, WhatCanNotBeIsNamedWithTheRemedy) {
  EXPECT_EQ(Complaint(Good(), 4), "");
  auto complaint = [](auto change) {
    FakeRoutersOptions options = Good();
    change(options);
    return Complaint(options, 4);
  };
  EXPECT_THAT(complaint([](auto& o) { o.routers = 5; }), HasSubstr("--routers: from 1 to 4"));
  EXPECT_THAT(complaint([](auto& o) { o.routers = -1; }), HasSubstr("--routers: from 1 to 4"));
  EXPECT_THAT(complaint([](auto& o) { o.folder = ""; }), HasSubstr("needs --routers-dir"));
  EXPECT_THAT(complaint([](auto& o) { o.first_port = 65533; }), HasSubstr("--router-port"));
  EXPECT_THAT(complaint([](auto& o) { o.protocols.clear(); }), HasSubstr("--router-protocols"));
  EXPECT_THAT(complaint([](auto& o) { o.faults = *ParseRouterFaults("router4=dead"); }),
              HasSubstr("there is no router4: they are counted from 0"));
  EXPECT_EQ(complaint([](auto& o) { o = FakeRoutersOptions(); }), "");
}

TEST(FakeRoutersOptions, DriftIsReadInHundredthsOfAPercent) {
  EXPECT_EQ(*ParseDrift("2.8"), 280);
  EXPECT_EQ(*ParseDrift("0"), 0);
  EXPECT_EQ(*ParseDrift("100"), 10000);
  for (const char* text : {"", "-1", "101", "2%", "nan"}) EXPECT_FALSE(ParseDrift(text)) << text;
}

TEST(FakeRoutersOptions, ProtocolsAreCalledAsRouterOsCallsItsServices) {
  EXPECT_EQ(*ParseFakeProtocol("rest"), FakeProtocol::kRest);
  EXPECT_EQ(*ParseFakeProtocol("api"), FakeProtocol::kApi);
  EXPECT_EQ(*ParseFakeProtocol("api-ssl"), FakeProtocol::kApiTls);
  EXPECT_EQ(*ParseFakeProtocol("snmp"), FakeProtocol::kSnmp);
  EXPECT_THAT(ParseFakeProtocol("telnet").error(), HasSubstr("write rest, api, api-ssl or snmp"));
}

}  // namespace
}  // namespace usage::sim
