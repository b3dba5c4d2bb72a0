#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "gateway/token_file.h"
#include "gateway/token_store.h"
#include "tests/support/temp_folder.h"

namespace usage::gateway {
namespace {

using ::testing::HasSubstr;
using usage::testing::TempFolder;

const std::string kHash(64, 'a');

std::string Faults(const std::string& text) {
  auto read = ParseTokenFile("tokens.json", text);
  return read ? "" : read.error();
}

TEST(TokenFileTest, WhatIsWrittenIsRead) {
  TempFolder folder;
  std::string path = folder / "tokens.json";
  TokenRecord tenant{Sha256Hex("x"),
                     Scope::kTenant,
                     "acme \"&\" Söhne",
                     *ParseUtc("2026-01-02T03:04:05Z"),
                     ParseUtc("2027-01-02T03:04:05Z"),
                     "for: {ann}, 'bob' # 1\n"};
  TokenRecord admin{
      Sha256Hex("y"), Scope::kOperator, "", *ParseUtc("2026-01-02T03:04:05Z"), {}, ""};
  WriteTokenFile(path, {tenant, admin});
  auto read = ReadTokenFile(path);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(*read, (std::vector<TokenRecord>{tenant, admin}));
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(TokenFileTest, AFileThatCantBeWrittenLeavesTheOldOne) {
  EXPECT_THROW(WriteTokenFile("/nonexistent/tokens.json", {}), std::runtime_error);
}

TEST(TokenFileTest, FaultsAreNamedWithTheirPlaceAndWithoutTheHash) {
  struct Row {
    std::string token, fault;
  };
  const std::string good = R"("sha256": ")" + kHash + R"(", "created": "2026-01-01T00:00:00Z")";
  for (const Row& row : {
           Row{"{" + good + "}", "scope"},
           Row{"{" + good + R"(, "scope": "tenant"})", "has no tenant"},
           Row{"{" + good + R"(, "scope": "tenant", "tenant": ""})", "empty"},
           Row{"{" + good + R"(, "scope": "tenant", "tenant": "a\tb"})", "control characters"},
           Row{"{" + good + R"(, "scope": "operator", "tenant": "a"})", "take it out"},
           Row{"{" + good + R"(, "scope": "root"})", "root"},
           Row{"{" + good + R"(, "scope": "operator", "extra": 1})", "extra"},
           Row{R"({"sha256": "abc", "scope": "operator", "created": "2026-01-01T00:00:00Z"})",
               "is not a SHA-256 hash"},
           Row{R"({"sha256": ")" + kHash + R"(", "scope": "operator", "created": "today"})",
               "is not a time"},
           Row{"{" + good + R"(, "scope": "operator"}, {)" + good + R"(, "scope": "operator"})",
               "is in line 2 too"},
       }) {
    std::string faults = Faults("{\"tokens\": [\n" + row.token + "]}");
    EXPECT_THAT(faults, HasSubstr("tokens.json:2:")) << row.token;
    EXPECT_THAT(faults, HasSubstr(row.fault)) << row.token;
    EXPECT_EQ(faults.find(kHash), std::string::npos) << faults;
  }
  EXPECT_NE(Faults(""), "");
  EXPECT_NE(Faults("{"), "");
  EXPECT_EQ(Faults(R"({"tokens": []})"), "");
}

TEST(TokenFileTest, TokensAreLongAndNeverTheSame) {
  std::string token = NewToken();
  EXPECT_EQ(token.size(), 49u);
  EXPECT_EQ(
      token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
      std::string::npos);
  EXPECT_NE(token, NewToken());
}

TEST(TokenTableTest, FindsByTheWholeTokenOnly) {
  TokenRecord record;
  record.sha256 = Sha256Hex("secret");
  record.tenant = "A";
  TokenTable table({record});
  ASSERT_NE(table.Find("secret"), nullptr);
  EXPECT_EQ(table.Find("secret")->tenant, "A");
  for (const char* wrong : {"", "secre", "secrets", "Secret", " secret"}) {
    EXPECT_EQ(table.Find(wrong), nullptr) << wrong;
  }
  EXPECT_EQ(table.Find(record.sha256), nullptr);  // the hash is no token
}

TEST(TokenTest, ExpiresAtItsTime) {
  TokenRecord record;
  record.expires = ParseUtc("2026-01-01T00:00:00Z");
  EXPECT_FALSE(record.is_expired(*ParseUtc("2025-12-31T23:59:59Z")));
  EXPECT_TRUE(record.is_expired(*ParseUtc("2026-01-01T00:00:00Z")));
  record.expires.reset();
  EXPECT_FALSE(record.is_expired(*ParseUtc("2099-01-01T00:00:00Z")));
}

TEST(TokenTest, TimesAreRealOnes) {
  EXPECT_EQ(FormatUtc(*ParseUtc("2026-02-28T23:59:59Z")), "2026-02-28T23:59:59Z");
  for (const char* bad :
       {"", "2026-02-30T00:00:00Z", "2026-01-01", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00+00",
        "2026-01-01T00:00:00Zx", "26-01-01T00:00:00Z"}) {
    EXPECT_EQ(ParseUtc(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace usage::gateway
