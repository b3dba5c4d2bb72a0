#include "net/web_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "net/basic_auth.h"
#include "net/bcrypt.h"
#include "tests/net/raw_client.h"

namespace usage {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawClient;
using testing::StatusLine;

// The hashes of "U*U" and "U*U*" in crypt_blowfish's own tests.
constexpr char kHash[] = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
constexpr char kOtherHash[] = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK";

std::string Kind(std::string hash, char kind) {
  hash[2] = kind;
  return hash;
}

TEST(Bcrypt, MatchesHashesOfEachKind) {
  for (char kind : {'a', 'b', 'y'}) {
    EXPECT_TRUE(BcryptMatches("U*U", Kind(kHash, kind))) << kind;
    EXPECT_FALSE(BcryptMatches("U*U*", Kind(kHash, kind))) << kind;
    EXPECT_EQ(BcryptCost(Kind(kHash, kind)), 5) << kind;
  }
  EXPECT_TRUE(BcryptMatches("U*U*", kOtherHash));
}

TEST(Bcrypt, DoesNotStopAtANul) {
  EXPECT_FALSE(BcryptMatches(std::string("U*U\0x", 5), kHash));
  EXPECT_FALSE(BcryptMatches(std::string("U*U\0", 4), kHash));
}

TEST(Bcrypt, HasNoCostForWhatIsNoHash) {
  for (std::string hash :
       {std::string(), std::string("hunter2"), Kind(kHash, 'x'), Kind(kHash, '1'),
        std::string(kHash) + "x", std::string(60, '$'), std::string(kHash).replace(4, 2, "99"),
        std::string(kHash).replace(4, 2, "03"), std::string(kHash).replace(20, 1, "*")}) {
    EXPECT_FALSE(BcryptCost(hash)) << hash;
  }
}

TEST(Bcrypt, DecoyIsAHashThatTakesAsLongAndMatchesNothing) {
  EXPECT_EQ(BcryptCost(BcryptDecoy(12)), 12);
  EXPECT_FALSE(BcryptMatches("U*U", BcryptDecoy(4)));
}

TEST(BasicAuthorization, IsReadAsRfc7617Says) {
  auto shown = [](const std::string& header) {
    auto credentials = ParseBasicAuthorization(header);
    return credentials ? credentials->user + "|" + credentials->password : "none";
  };
  EXPECT_EQ(shown("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), "Aladdin|open sesame");
  EXPECT_EQ(shown("basic  QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), "Aladdin|open sesame");
  EXPECT_EQ(shown("Basic YTpiOmM="), "a|b:c");
  EXPECT_EQ(shown("Basic Og=="), "|");
  for (const char* header : {"", "Basic", "Basic ", "Bearer QWxhZGRpbg==", "Basic QWxhZGRpbg==",
                             "Basic YTpi=", "Basic !!!!", "Basic ====", "Basic YTpiOmM=YTpi"}) {
    EXPECT_EQ(shown(header), "none") << header;
  }
}

TEST(BasicAuth, KnowsUserAndPasswordTogether) {
  BasicAuth auth({{"one", kHash}, {"two", kOtherHash}});
  // Twice: computed, then remembered.
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(auth.Check({"one", "U*U"}), BasicAuth::Verdict::kAllowed);
    EXPECT_EQ(auth.Check({"two", "U*U*"}), BasicAuth::Verdict::kAllowed);
    EXPECT_EQ(auth.Check({"one", "U*U*"}), BasicAuth::Verdict::kDenied);
    EXPECT_EQ(auth.Check({"two", "U*U"}), BasicAuth::Verdict::kDenied);
    EXPECT_EQ(auth.Check({"three", "U*U"}), BasicAuth::Verdict::kDenied);
    EXPECT_EQ(auth.Check({"oneU*", "U"}), BasicAuth::Verdict::kDenied);
    EXPECT_EQ(auth.Check({"", ""}), BasicAuth::Verdict::kDenied);
  }
}

TEST(BasicAuth, ForgetsTheOldestGuessesButNotWhoIsAllowed) {
  BasicAuth auth({{"one", BcryptDecoy(4)}, {"two", Kind(kHash, 'b')}});
  EXPECT_EQ(auth.Check({"two", "U*U"}), BasicAuth::Verdict::kAllowed);
  for (int i = 0; i < 1100; ++i) {
    EXPECT_EQ(auth.Check({"one", std::to_string(i)}), BasicAuth::Verdict::kDenied);
  }
  EXPECT_EQ(auth.Check({"two", "U*U"}), BasicAuth::Verdict::kAllowed);
}

TEST(TokenBucket, LetsABurstInAndThenOneAnInterval) {
  TokenBucket bucket(milliseconds(100), 3);
  TokenBucket::Clock::time_point start{};
  std::string taken;
  for (int at : {0, 0, 0, 0, 50, 100, 100, 199, 200, 1000, 1000, 1000, 1000}) {
    taken += std::to_string(at) + (bucket.Take(start + milliseconds(at)) ? "+ " : "- ");
  }
  EXPECT_EQ(taken, "0+ 0+ 0+ 0- 50- 100+ 100- 199- 200+ 1000+ 1000+ 1000+ 1000- ");
}

TEST(WebGate, PutsItsHeadersInPlaceOfThePages) {
  WebConfig config;
  config.headers = {{"Content-Security-Policy", "default-src 'none'"}};
  HttpResponse response;
  response.headers = {{"content-security-policy", "default-src *"}, {"Vary", "Accept"}};
  WebGate(config).AddHeaders(&response);
  EXPECT_THAT(response.headers,
              ::testing::UnorderedElementsAre(
                  ::testing::Pair("Content-Security-Policy", "default-src 'none'"),
                  ::testing::Pair("Vary", "Accept")));
}

class GatedServer : public ::testing::Test {
 protected:
  void Start(const WebConfig& config) {
    HttpServer::Options options;
    options.listen_address = "127.0.0.1:0";
    options.web = config;
    server_ = std::make_unique<HttpServer>(options);
    server_->Handle("GET", "/who", [](const HttpRequest& request) {
      HttpResponse response;
      response.body = request.user;
      return response;
    });
    server_->Handle("POST", "/who", [](const HttpRequest& request) {
      HttpResponse response;
      response.body = request.user + request.body;
      return response;
    });
    server_->Start();
  }

  std::string Ask(const std::string& method, const std::string& path, const std::string& header,
                  const std::string& body = "") {
    RawClient client(server_->port());
    return client.Ask(
        method + " " + path + " HTTP/1.1\r\nHost: x\r\n" +
        (header.empty() ? "" : "Authorization: " + header + "\r\n") +
        (body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" +
        body);
  }

  std::unique_ptr<HttpServer> server_;
};

constexpr char kRight[] = "Basic b25lOlUqVQ==";  // one:U*U
constexpr char kWrong[] = "Basic b25lOnh4eA==";  // one:xxx

TEST_F(GatedServer, AsksForAPasswordOnEveryPath) {
  Start({.headers = {{"X-Frame-Options", "deny"}}, .basic_auth_users = {{"one", kHash}}});
  for (const char* path : {"/who", "/missing", "/"}) {
    for (const char* header : {"", kWrong, "Basic dHdvOlUqVQ==", "Bearer x", "Basic *"}) {
      std::string response = Ask("GET", path, header);
      EXPECT_EQ(StatusLine(response), "HTTP/1.1 401 Unauthorized") << path << header;
      EXPECT_THAT(response, HasSubstr("WWW-Authenticate: Basic realm="));
      EXPECT_THAT(response, HasSubstr("X-Frame-Options: deny\r\n"));
    }
  }
  EXPECT_EQ(StatusLine(Ask("POST", "/who", kWrong, "body")), "HTTP/1.1 401 Unauthorized");
}

TEST_F(GatedServer, LetsTheRightPasswordIn) {
  Start({.basic_auth_users = {{"one", kHash}}});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(testing::BodyOf(Ask("GET", "/who", kRight)), "one");
  EXPECT_EQ(testing::BodyOf(Ask("POST", "/who", kRight, "+body")), "one+body");
  EXPECT_EQ(StatusLine(Ask("GET", "/missing", kRight)), "HTTP/1.1 404 Not Found");
}

TEST_F(GatedServer, TakesOverNewUsersWhileItRuns) {
  Start({.basic_auth_users = {{"one", kHash}}});
  EXPECT_EQ(testing::BodyOf(Ask("GET", "/who", kRight)), "one");
  server_->SetWebConfig({.basic_auth_users = {{"one", kOtherHash}}});
  EXPECT_EQ(StatusLine(Ask("GET", "/who", kRight)), "HTTP/1.1 401 Unauthorized");
  server_->SetWebConfig({});
  EXPECT_EQ(StatusLine(Ask("GET", "/who", "")), "HTTP/1.1 200 OK");
}

TEST_F(GatedServer, Says429WhenTheBucketIsEmpty) {
  Start({.rate_limit = {.interval = std::chrono::hours(1), .burst = 2}});
  EXPECT_EQ(StatusLine(Ask("GET", "/who", "")), "HTTP/1.1 200 OK");
  EXPECT_EQ(StatusLine(Ask("GET", "/missing", "")), "HTTP/1.1 404 Not Found");
  std::string response = Ask("GET", "/who", "");
  EXPECT_EQ(StatusLine(response), "HTTP/1.1 429 Too Many Requests");
  EXPECT_THAT(response, HasSubstr("Retry-After: 1\r\n"));
}

TEST_F(GatedServer, SendsItsHeadersWithErrorsOfTheLibraryToo) {
  Start({.headers = {{"X-Frame-Options", "deny"}}});
  RawClient client(server_->port());
  std::string response = client.Ask("nonsense\r\n\r\n");
  EXPECT_EQ(StatusLine(response), "HTTP/1.1 400 Bad Request");
  EXPECT_THAT(response, HasSubstr("X-Frame-Options: deny\r\n"));
}

}  // namespace
}  // namespace usage
