// The client against our own server, and against a port where nobody speaks.
#include "net/http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>

#include "net/http_server.h"
#include "tests/net/certificates.h"
#include "tests/support/temp_folder.h"

namespace usage {
namespace {

using std::chrono::milliseconds;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;

HttpResponse Echo(const HttpRequest& request) {
  HttpResponse response;
  response.body = request.body + request.header("authorization");
  return response;
}

class Client : public ::testing::Test {
 protected:
  Client() { options_.listen_address = "127.0.0.1:0"; }

  void Start() {
    server_ = std::make_unique<HttpServer>(options_);
    server_->Handle("POST", "/below/echo", Echo);
    server_->Handle("GET", "/below/echo", Echo);
    server_->Handle("GET", "/below/away", [](const HttpRequest&) {
      HttpResponse response;
      response.status = 302;
      response.headers.emplace("Location", "/below/echo");
      return response;
    });
    server_->Start();
    peer_.url = {"127.0.0.1", server_->port(), "/below", options_.web.tls.has_value()};
  }

  // Named by nobody but itself.
  void UseCertificateFor(const std::string& name) {
    testing::MakeCertificate(folder_.path(), "server", name);
    options_.web.tls.emplace();
    options_.web.tls->cert_file = folder_ / "server.crt";
    options_.web.tls->key_file = folder_ / "server.key";
  }

  HttpAnswer Ask(const HttpCall& call) { return HttpClient(peer_).Send(call); }

  testing::TempFolder folder_;
  HttpServer::Options options_;
  std::unique_ptr<HttpServer> server_;
  HttpPeer peer_;
};

TEST_F(Client, HasStatusHeadersAndBodyOfAnAnswer) {
  Start();
  const HttpAnswer answer = Ask({.method = "POST", .path = "/echo", .body = "words"});
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.ok());
  EXPECT_EQ(answer.body, "words");
  EXPECT_THAT(answer.headers, Contains(Pair("content-length", "5")));
}

TEST_F(Client, AsksAgainOnTheSameObject) {
  Start();
  HttpClient client(peer_);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(client.Send({.path = "/echo"}).status, 200);
}

TEST_F(Client, ThrowsAwayABodyThatNobodyWants) {
  Start();
  const HttpAnswer answer =
      Ask({.method = "POST", .path = "/echo", .body = "words", .wants_body = false});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
}

TEST_F(Client, DoesNotFollowARedirect) {
  Start();
  EXPECT_EQ(Ask({.path = "/away"}).status, 302);
}

TEST_F(Client, SendsThePasswordAsBasicAuthentication) {
  Start();
  peer_.user = "prometheus";
  peer_.password = "secret";
  EXPECT_EQ(Ask({.path = "/echo"}).body, "Basic cHJvbWV0aGV1czpzZWNyZXQ=");
}

TEST_F(Client, HasNoStatusWhereNobodyListens) {
  Start();
  server_.reset();
  const HttpAnswer answer = Ask({.path = "/echo"});
  EXPECT_EQ(answer.status, 0);
  EXPECT_FALSE(answer.ok());
  EXPECT_NE(answer.error, "");
}

TEST_F(Client, TrustsNoCertificateThatNobodyKnowsHasSigned) {
  UseCertificateFor("IP:127.0.0.1");
  Start();
  EXPECT_EQ(Ask({.path = "/echo"}).status, 0);
  peer_.ca_file = folder_ / "server.crt";
  EXPECT_EQ(Ask({.path = "/echo"}).status, 200);
}

TEST_F(Client, TrustsNoCertificateOfAnotherName) {
  UseCertificateFor("DNS:elsewhere.example");
  Start();
  peer_.ca_file = folder_ / "server.crt";
  EXPECT_EQ(Ask({.path = "/echo"}).status, 0);
}

// The kernel takes the connection; nobody reads it.
class MuteServer {
 public:
  MuteServer() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(fd_, generic, size), 0);
    EXPECT_EQ(::listen(fd_, 8), 0);
    EXPECT_EQ(::getsockname(fd_, generic, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~MuteServer() { ::close(fd_); }
  HttpUrl url() const { return {"127.0.0.1", port_, "", false}; }

 private:
  const int fd_;
  int port_ = 0;
};

TEST(ClientOfAMuteServer, EndsByItsTimeout) {
  MuteServer server;
  const HttpAnswer answer =
      HttpClient({.url = server.url(), .answer_timeout = milliseconds(100)}).Send({.path = "/"});
  EXPECT_EQ(answer.status, 0);
  EXPECT_THAT(answer.error, HasSubstr("Read"));
}

TEST(ClientOfAMuteServer, EndsWhenItIsCancelled) {
  MuteServer server;
  HttpClient client({.url = server.url(), .answer_timeout = std::chrono::hours(1)});
  auto answer = std::async(std::launch::async, [&] { return client.Send({.path = "/"}); });
  // Before the connection is made there is nothing to cancel yet.
  while (answer.wait_for(milliseconds(10)) != std::future_status::ready) client.Cancel();
  EXPECT_EQ(answer.get().status, 0);
}

}  // namespace
}  // namespace usage
