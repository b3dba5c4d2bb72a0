#include "sources/routers/routeros_reply.h"

#include <gtest/gtest.h>

#include "sources/routers/rest_reply.h"

namespace usage {
namespace {

std::string Read(const std::vector<std::string_view>& words) {
  ApiReply reply;
  ReadApiReply(words, &reply);
  std::string text = std::to_string(static_cast<int>(reply.kind)) + " " + std::to_string(reply.tag);
  if (!reply.text.empty()) text += " [" + std::string(reply.text) + "]";
  for (const auto& [name, value] : reply.attributes) {
    text += " " + std::string(name) + ":" + std::string(value);
  }
  return text;
}

TEST(ApiReplyTest, IsReadWhateverTheOrderOfItsWords) {
  EXPECT_EQ(Read({"!re", ".tag=12", "=.id=*1", "=user=a=b"}), "0 12 .id:*1 user:a=b");
  EXPECT_EQ(Read({"!re", "=user=bob", "=comment=", ".tag=12"}), "0 12 user:bob comment:");
  EXPECT_EQ(Read({"!done", "=ret=00ff"}), "1 0 ret:00ff");
  EXPECT_EQ(Read({"!empty", ".tag=1"}), "2 1");
  EXPECT_EQ(Read({"!trap", "=category=2", "=message=interrupted"}),
            "3 0 category:2 message:interrupted");
  EXPECT_EQ(Read({"!fatal", "not logged in"}), "4 0 [not logged in]");
  EXPECT_EQ(Read({"!later", "=a=1"}), "5 0 [!later] a:1");
  EXPECT_EQ(Read({"!re", ".tag=x", "=", "=a"}), "0 0 [=]") << "odd words say nothing";
}

// md5(b'\0' + b'secret' + bytes(range(16))) by Python's hashlib.
TEST(ApiLogin, AnswersTheChallengeOfOldRouters) {
  EXPECT_EQ(ChallengeResponse("secret", "000102030405060708090a0b0c0d0e0f"),
            "00925d25da4b1ffe731237818c4e1fcd57");
  for (const char* hex :
       {"", "00", "000102030405060708090a0b0c0d0e0", "zz0102030405060708090a0b0c0d0e0f"}) {
    EXPECT_FALSE(ChallengeResponse("secret", hex)) << hex;
  }
}

std::string ReadRest(std::string_view body) {
  std::string text;
  const auto rows = ReadRestRows(body, [&](const OsAttributes& attributes) {
    for (const auto& [name, value] : attributes) {
      text += std::string(name) + ":" + std::string(value) + " ";
    }
    text += "|";
  });
  return rows ? text + std::to_string(*rows) : rows.error();
}

TEST(RestRows, AreObjectsAloneOrInAnArray) {
  EXPECT_EQ(ReadRest("[]"), "0");
  EXPECT_EQ(ReadRest(R"([{"user":"a","bytes-in":"1"},{}])"), "user:a bytes-in:1 ||2");
  EXPECT_EQ(ReadRest(R"({"name":"edge"})"), "name:edge |1");
  EXPECT_EQ(ReadRest(R"([{"n":5,"m":-5,"b":true,"z":null,"f":1.50,"big":99999999999999999999}])"),
            "n:5 m:-5 b:true z: f:1.50 big:99999999999999999999 |1");
  EXPECT_EQ(ReadRest(R"([{"a":{"x":[1,{}]},"b":[["y"]],"c":"1"}])"), "c:1 |1");
}

TEST(RestRows, AreNothingElse) {
  for (const char* body : {"", "5", "\"a\"", "[5]", "[[]]", "[[{}]]", "[{}", "{}{}", "<html>",
                           "[{\"a\":}]", "[{\"a\" \"b\"}]", "null"}) {
    EXPECT_EQ(ReadRest(body), "not the JSON of rows") << body;
  }
}

TEST(RestRows, TextsInLatin1AreRepairedEachForItself) {
  EXPECT_EQ(ReadRest("[{\"u\":\"J\xf6rg\"},{\"u\":\"Jörg \\\" \\u00f6\"},{\"u\":\"\xff\"}]"),
            "u:Jörg |u:Jörg \" ö |u:ÿ |3");
  EXPECT_EQ(ReadRest("[{\"u\":\"\xf6"), "not the JSON of rows");
  EXPECT_EQ(ReadRest("\xf6\\"), "not the JSON of rows");
}

TEST(RestRows, HaveAMost) {
  std::string body = "[";
  for (size_t i = 0; i <= kMostRouterRows; ++i) body += i == 0 ? "{}" : ",{}";
  EXPECT_EQ(ReadRest(body + "]"), "more than 100000 rows");
}

TEST(RestErrorText, IsWhatTheRouterSaid) {
  EXPECT_EQ(RestErrorText(R"({"error":404,"message":"Not Found","detail":"no such command"})"),
            "Not Found: no such command");
  EXPECT_EQ(RestErrorText(R"({"error":401,"message":"Unauthorized"})"), "Unauthorized");
  EXPECT_EQ(RestErrorText(R"({"detail":"only that"})"), "only that");
  EXPECT_EQ(RestErrorText("<html>no</html>"), "");
}

}  // namespace
}  // namespace usage
