// What may stand in a router's row.
#include "config/router_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/golden.h"
#include "tests/support/temp_folder.h"

namespace usage {
namespace {

using ::testing::HasSubstr;

std::string AddressAs(const std::string& text) {
  const auto address = ParseRouterAddress(text);
  return address ? address->host + " " + std::to_string(address->port) : address.error();
}

TEST(RouterAddress, IsANameOrAnAddressWithOrWithoutPort) {
  EXPECT_EQ(AddressAs("10.0.0.1"), "10.0.0.1 0");
  EXPECT_EQ(AddressAs("10.0.0.1/24"), "10.0.0.1 0");
  EXPECT_EQ(AddressAs("r1.example:8729"), "r1.example 8729");
  EXPECT_EQ(AddressAs("2001:db8::1"), "2001:db8::1 0");
  EXPECT_EQ(AddressAs("[2001:db8::1]"), "2001:db8::1 0");
  EXPECT_EQ(AddressAs("[2001:db8::1]:443"), "2001:db8::1 443");
  EXPECT_EQ(AddressAs("fe80::1%eth0"), "fe80::1%eth0 0");
}

TEST(RouterAddress, IsNothingElse) {
  EXPECT_EQ(AddressAs("https://10.0.0.1"), "is a URL; write host or host:port");
  for (const char* bad : {"", "a b", "admin@10.0.0.1", "[2001:db8::1", "[::1]443", ":443"}) {
    EXPECT_THAT(AddressAs(bad), HasSubstr("must be host or host:port")) << bad;
  }
  for (const char* bad : {"r1:0", "r1:65536", "r1:https", "r1:-1"}) {
    EXPECT_THAT(AddressAs(bad), HasSubstr("must be a port, from 1 to 65535")) << bad;
  }
}

TEST(RouterFingerprint, IsSixtyFourHexDigitsHoweverWritten) {
  std::string colons, plain;
  for (int i = 0; i < 32; ++i) {
    colons += i == 0 ? "AB" : ":AB";
    plain += "ab";
  }
  EXPECT_EQ(*ParseFingerprint(colons), plain);
  EXPECT_EQ(*ParseFingerprint(plain), plain);
  EXPECT_FALSE(ParseFingerprint(plain + "a"));
  EXPECT_FALSE(ParseFingerprint(plain.substr(2) + "xy"));
}

class SigningIn : public ::testing::Test {
 protected:
  SigningIn() {
    testing::WriteFile(folder_ / "long", "hunter2hunter2\n");
    testing::WriteFile(folder_ / "short", "hunter2\n");
    RouterCredentials& v3 = routers_.credentials["v3"];
    v3 = {"monitor", {}, {}, "SHA-512", {folder_ / "long", ""}, "AES", {folder_ / "long", ""}};
    routers_.credentials["default"] = {"usage", {folder_ / "short", ""}, {}, "", {}, "", {}};
    routers_.credentials["v2c"].community = {folder_ / "short", ""};
  }

  std::string SignedIn(const std::string& name, RouterProtocol protocol) {
    router_ = {};
    router_.protocol = protocol;
    const std::string fault = SignIn(name, routers_, &router_);
    EXPECT_THAT(fault, ::testing::Not(HasSubstr("hunter2")));
    return fault;
  }

  testing::TempFolder folder_;
  RoutersConfig routers_;
  RouterConfig router_;
};

TEST_F(SigningIn, ReadsTheSecretsOfTheProtocol) {
  EXPECT_EQ(SignedIn("", RouterProtocol::kApi), "");
  EXPECT_EQ(router_.user + " " + router_.password, "usage hunter2");
  EXPECT_EQ(SignedIn("v2c", RouterProtocol::kSnmp), "");
  EXPECT_EQ(router_.snmp.community, "hunter2");
  EXPECT_EQ(SignedIn("v3", RouterProtocol::kSnmp), "");
  EXPECT_EQ(router_.snmp.user + " " + router_.snmp.auth_protocol, "monitor SHA-512");
  EXPECT_EQ(router_.snmp.auth_password, "hunter2hunter2");
  EXPECT_EQ(router_.snmp.privacy_password, "hunter2hunter2");
}

TEST_F(SigningIn, SaysWhatIsMissing) {
  EXPECT_EQ(SignedIn("v2d", RouterProtocol::kSnmp),
            "there are no credentials 'v2d' in routers.credentials: did you mean 'v2c'?");
  EXPECT_EQ(SignedIn("v2c", RouterProtocol::kRest),
            "the credentials 'v2c': have no user; write user and password_file");
  EXPECT_EQ(SignedIn("v3", RouterProtocol::kRest),
            "the credentials 'v3': have no password; write user and password_file");
  routers_.credentials["v3"].auth_password = {folder_ / "short", ""};
  EXPECT_THAT(SignedIn("v3", RouterProtocol::kSnmp), HasSubstr("8 characters at least"));
  std::filesystem::remove(folder_ / "short");
  EXPECT_THAT(SignedIn("", RouterProtocol::kApi), HasSubstr("short can't be read (No such file"));
  routers_.credentials.clear();
  EXPECT_EQ(SignedIn("", RouterProtocol::kApi),
            "there are no credentials 'default' in routers.credentials; write them there");
}

}  // namespace
}  // namespace usage
