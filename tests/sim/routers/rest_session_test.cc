#include "sim/routers/rest_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/routers/fixed_model.h"
#include "tests/sim/routers/scripted_stream.h"

namespace usage::sim {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kAccount = "Authorization: Basic dXNhZ2U6c2VjcmV0\r\n";  // usage:secret

std::string Get(const std::string& target, const std::string& account = kAccount) {
  return "GET " + target + " HTTP/1.1\r\nHost: r\r\n" + account + "\r\n";
}

std::string Post(const std::string& target, const std::string& body) {
  return "POST " + target + " HTTP/1.1\r\n" + kAccount +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string Heard(const std::string& said, RouterFaults faults = {}, size_t piece = 1 << 20) {
  FixedModel model;
  RouterService service(model, {0, faults, {"usage", "secret"}, {}, 1});
  ScriptedStream stream(said, piece);
  RestSession(stream, service).Run();
  return stream.heard();
}

std::string Body(const std::string& said) {
  std::string heard = Heard(said);
  return heard.substr(heard.find("\r\n\r\n") + 4);
}

RouterFaults Always(RouterFault fault) {
  RouterFaults faults;
  faults.Set(fault, 1);
  return faults;
}

constexpr const char* kPppoe = R"([{"name":"<pppoe-ann@north>","rx-byte":"3000"},)"
                               R"({"name":"<pppoe-ben@north>","rx-byte":"5000"}])";

TEST(RestSession, AGetIsATableOfTexts) {
  EXPECT_EQ(Body(Get("/rest/interface?type=pppoe-in&.proplist=name,rx-byte")), kPppoe);
  EXPECT_EQ(Body(Get("/rest/interface?.proplist=name%2Crx-byte&type=ether")),
            R"([{"name":"ether1","rx-byte":"9000"}])");
}

TEST(RestSession, APostMayAskLikewise) {
  EXPECT_EQ(Body(Post("/rest/interface/print",
                      R"({".proplist":["name","rx-byte"],".query":["type=pppoe-in"]})")),
            kPppoe);
  EXPECT_EQ(
      Body(Post("/rest/interface/print",
                R"({".proplist":"name","x":1,".query":["type=pppoe-in","type=ether","#|"]})")),
      R"([{"name":"ether1"},{"name":"<pppoe-ann@north>"},{"name":"<pppoe-ben@north>"}])");
}

TEST(RestSession, OneThingIsAnObject) {
  EXPECT_EQ(Body(Get("/rest/system/identity")), R"({"name":"Old Mill"})");
  EXPECT_EQ(Body(Get("/rest/interface/ether1?.proplist=.id")), R"({".id":"*1"})");
  EXPECT_EQ(Body(Get("/rest/interface/*1?.proplist=name")), R"({"name":"ether1"})");
}

TEST(RestSession, MistakesAreErrorObjects) {
  EXPECT_THAT(Heard(Get("/rest/interface", "")), StartsWith("HTTP/1.1 401 Unauthorized\r\n"));
  EXPECT_EQ(Body(Get("/rest/interface", "Authorization: Basic dXNhZ2U6Z3Vlc3M=\r\n")),
            R"({"error":401,"message":"Unauthorized"})");
  EXPECT_EQ(Body(Get("/rest/interface/ether9")),
            R"({"detail":"no such item","error":404,"message":"Not Found"})");
  EXPECT_EQ(Body(Get("/rest/no/such")),
            R"({"detail":"no such command or directory","error":400,"message":"Bad Request"})");
  EXPECT_EQ(Body(Post("/rest/interface/print", "{")),
            R"({"detail":"malformed JSON","error":400,"message":"Bad Request"})");
}

TEST(RestSession, AConnectionIsKeptAndRequestsMayComeInPieces) {
  std::string said = Get("/rest/system/identity") +
                     Post("/rest/ppp/active/print", R"({".proplist":"name,session-id"})");
  std::string heard = Heard(said, {}, 1);
  EXPECT_THAT(heard, HasSubstr(R"({"name":"Old Mill"}HTTP/1.1 200 OK)"));
  EXPECT_THAT(heard, EndsWith(R"([{"name":"ann@north","session-id":"0x80a2"},)"
                              R"({"name":"ben@north","session-id":"0x80a3"}])"));
}

TEST(RestSession, FaultsSpoilTheAnswer) {
  std::string whole = Heard(Get("/rest/system/identity"));
  std::string half = whole.substr(0, whole.size() - 10);  // of {"name":"Old Mill"}
  auto heard = [](RouterFault fault) { return Heard(Get("/rest/system/identity"), Always(fault)); };
  EXPECT_EQ(heard(RouterFault::kStall), half);
  EXPECT_EQ(heard(RouterFault::kTruncated), half);
  EXPECT_EQ(heard(RouterFault::kDrop), half + "<reset>");
  EXPECT_THAT(heard(RouterFault::kTrap), HasSubstr("internal failure"));
  EXPECT_THAT(heard(RouterFault::kFatal), StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(heard(RouterFault::kReserved), EndsWith("\r\n\r\n\xF8\x01\x02\x03"));
  EXPECT_THAT(heard(RouterFault::kPassword), StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(heard(RouterFault::kClock), HasSubstr("Date: Fri, 02 Jan 1970"));
}

}  // namespace
}  // namespace usage::sim
