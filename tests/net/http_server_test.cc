#include "net/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/net/raw_client.h"

namespace usage {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::BodyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RawClient;
using testing::StatusLine;

constexpr char kHost[] = "Host: test\r\n";

std::string Get(const std::string& target, const std::string& more = "") {
  return "GET " + target + " HTTP/1.1\r\n" + kHost + more + "\r\n";
}

HttpResponse Text(const std::string& body) {
  HttpResponse response;
  response.body = body;
  return response;
}

class Server : public ::testing::Test {
 protected:
  Server() {
    options_.listen_address = "127.0.0.1:0";
    options_.log_error = [this](const std::string& text) {
      std::lock_guard lock(mutex_);
      log_ += text + "\n";
    };
  }

  void Start() {
    server_ = std::make_unique<HttpServer>(options_);
    server_->Handle("GET", "/hello", [](const HttpRequest&) { return Text("hello\n"); });
    server_->Handle("POST", "/echo", [](const HttpRequest& r) { return Text(r.body); });
    server_->Handle("POST", "/reload", [](const HttpRequest&) { return Text("reloaded\n"); });
    server_->Handle("PUT", "/echo", [](const HttpRequest& r) { return Text(r.body); });
    server_->Handle("GET", "/throw", [](const HttpRequest&) -> HttpResponse {
      throw std::runtime_error("the secret reason");
    });
    server_->Handle("GET", "/stream", [](const HttpRequest&) { return UntilStopped(); });
    AddRoutes();
    server_->Start();
  }
  virtual void AddRoutes() {}

  // Sends a word and waits for the server's end.
  static HttpResponse UntilStopped() {
    HttpResponse response;
    response.content_type = "text/event-stream";
    response.stream = [](HttpStreamWriter& writer) {
      std::mutex mutex;
      std::condition_variable_any never;
      std::unique_lock lock(mutex);
      while (writer.Write("data: tick\n\n")) {
        never.wait_for(lock, writer.stop(), milliseconds(50), [] { return false; });
      }
    };
    return response;
  }

  RawClient Client() { return RawClient(server_->port()); }
  std::string Ask(const std::string& request) { return Client().Ask(request); }
  std::string log() {
    std::lock_guard lock(mutex_);
    return log_;
  }

  HttpServer::Options options_;
  std::mutex mutex_;
  std::string log_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(Server, AnswersAGet) {
  Start();
  std::string response = Ask(Get("/hello"));
  EXPECT_EQ(StatusLine(response), "HTTP/1.1 200 OK");
  EXPECT_THAT(response, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_THAT(response, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_EQ(BodyOf(response), "hello\n");
}

TEST_F(Server, AnswersManyRequestsOfOneConnection) {
  Start();
  RawClient client = Client();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(BodyOf(client.Ask(Get("/hello"))), "hello\n");
}

TEST_F(Server, AnswersAHeadWithTheLengthAndWithoutTheBody) {
  Start();
  RawClient client = Client();
  client.Send(std::string("HEAD /hello HTTP/1.1\r\nConnection: close\r\n") + kHost + "\r\n");
  std::string response = client.ReadToEnd();
  EXPECT_EQ(StatusLine(response), "HTTP/1.1 200 OK");
  EXPECT_THAT(response, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_EQ(BodyOf(response), "");
}

TEST_F(Server, Says404ForAnotherPath) {
  Start();
  EXPECT_EQ(StatusLine(Ask(Get("/hello/"))), "HTTP/1.1 404 Not Found");
  EXPECT_EQ(StatusLine(Ask(Get("/../etc/passwd"))), "HTTP/1.1 404 Not Found");
}

TEST_F(Server, Says405WithAllowForAnotherMethod) {
  Start();
  std::string response = Ask(std::string("DELETE /hello HTTP/1.1\r\n") + kHost + "\r\n");
  EXPECT_EQ(StatusLine(response), "HTTP/1.1 405 Method Not Allowed");
  EXPECT_THAT(response, HasSubstr("Allow: GET, HEAD\r\n"));
  EXPECT_THAT(Ask(Get("/echo")), HasSubstr("Allow: POST, PUT\r\n"));
}

TEST_F(Server, AnswersAPostWithoutABodyAsCurlSendsIt) {
  Start();
  std::string response = Ask(std::string("POST /reload HTTP/1.1\r\n") + kHost + "\r\n");
  EXPECT_EQ(BodyOf(response), "reloaded\n");
}

TEST_F(Server, TakesABody) {
  Start();
  RawClient client = Client();
  std::string request =
      std::string("POST /echo HTTP/1.1\r\n") + kHost + "Content-Length: 5\r\n\r\n12345";
  EXPECT_EQ(BodyOf(client.Ask(request)), "12345");
  EXPECT_EQ(BodyOf(client.Ask(request)), "12345");
}

TEST_F(Server, RefusesABodyThatIsTooLarge) {
  options_.limits.body_bytes = 1000;
  Start();
  std::string response = Ask(std::string("POST /echo HTTP/1.1\r\n") + kHost +
                             "Content-Length: 1001\r\n\r\n" + std::string(1001, 'x'));
  EXPECT_EQ(StatusLine(response), "HTTP/1.1 413 Payload Too Large");
}

TEST_F(Server, RefusesAChunkedBodyBecauseItHasNoLimit) {
  Start();
  RawClient client = Client();
  client.Send(std::string("POST /echo HTTP/1.1\r\n") + kHost +
              "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n");
  EXPECT_EQ(StatusLine(client.ReadToEnd()), "HTTP/1.1 411 Length Required");
}

TEST_F(Server, DoesNotTakeTheBodyOfAGetForTheNextRequest) {
  Start();
  std::string smuggled = Get("/throw");
  RawClient client = Client();
  client.Send(Get("/hello", "Content-Length: " + std::to_string(smuggled.size()) + "\r\n") +
              smuggled);
  std::string all = client.ReadToEnd();
  EXPECT_EQ(StatusLine(all), "HTTP/1.1 411 Length Required");
  EXPECT_THAT(BodyOf(all), Not(HasSubstr("HTTP/1.1")));
  EXPECT_EQ(log(), "");
}

TEST_F(Server, RefusesAHeaderLineThatIsTooLong) {
  Start();
  EXPECT_EQ(StatusLine(Ask(Get("/hello", "X-Long: " + std::string(9000, 'x') + "\r\n"))),
            "HTTP/1.1 400 Bad Request");
}

TEST_F(Server, RefusesATargetThatIsTooLong) {
  Start();
  EXPECT_EQ(StatusLine(Ask(Get("/" + std::string(9000, 'x')))), "HTTP/1.1 414 URI Too Long");
}

TEST_F(Server, RefusesWhatIsNoHttp) {
  Start();
  std::string response = Ask("\x16\x03\x01 no HTTP at all\r\n\r\n");
  EXPECT_EQ(StatusLine(response), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(BodyOf(response), "This request can't be understood\n");
}

TEST_F(Server, IgnoresARange) {
  Start();
  std::string response = Ask(Get("/hello", "Range: bytes=0-1,0-2,0-3\r\n"));
  EXPECT_EQ(StatusLine(response), "HTTP/1.1 200 OK");
  EXPECT_EQ(BodyOf(response), "hello\n");
}

TEST_F(Server, HidesAnExceptionAndLogsIt) {
  Start();
  std::string response = Ask(Get("/throw"));
  EXPECT_EQ(StatusLine(response), "HTTP/1.1 500 Internal Server Error");
  EXPECT_THAT(response, Not(HasSubstr("secret")));
  EXPECT_EQ(log(), "GET /throw: the secret reason\n");
}

TEST_F(Server, ClosesAfterARequestThatSaysClose) {
  Start();
  RawClient client = Client();
  client.Send(Get("/hello", "Connection: close\r\n"));
  EXPECT_EQ(BodyOf(client.ReadToEnd()), "hello\n");
}

TEST_F(Server, CutsOffAClientThatStopsInMidRequest) {
  options_.limits.read_timeout = milliseconds(100);
  Start();
  RawClient client = Client();
  client.Send("GET /hello HTTP/1.1\r\nHos");
  client.ReadToEnd();  // fails when the server does not close
}

TEST_F(Server, ClosesAnIdleConnection) {
  options_.limits.idle_timeout = seconds(1);
  Start();
  RawClient client = Client();
  client.Ask(Get("/hello"));
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(Server, AnswersThoughMoreConnectionsAreIdleThanItHasThreads) {
  options_.limits = {.request_threads = 2, .streams = 1, .idle_timeout = seconds(1)};
  Start();
  std::vector<RawClient> idle;
  for (int i = 0; i < 8; ++i) idle.push_back(Client());
  EXPECT_EQ(BodyOf(Ask(Get("/hello"))), "hello\n");
}

class RequestView : public Server {
 protected:
  void AddRoutes() override {
    server_->Handle("GET", "/a b/c", [](const HttpRequest& r) {
      return Text(r.method + " | " + r.path + " | " + r.query + " | " + r.header("x-one") + " | " +
                  r.header("x-none") + " | " + r.user + " | " +
                  (r.remote.starts_with("127.0.0.1:") ? "remote" : r.remote) +
                  (r.headers.contains("remote_addr") ? " | remote_addr" : ""));
    });
  }
};

TEST_F(RequestView, HasTheDecodedPathTheRawQueryAndTheHeaders) {
  Start();
  EXPECT_EQ(BodyOf(Ask(Get("/a%20b/c?x=%20y&z", "X-One: 1\r\nx-ONE: 2\r\n"))),
            "GET | /a b/c | x=%20y&z | 1, 2 |  |  | remote");
}

class Pages : public Server {
 protected:
  void AddRoutes() override {
    auto page = std::make_shared<const std::string>(8 << 20, 'p');
    server_->Handle("GET", "/shared", [page](const HttpRequest&) {
      HttpResponse response;
      response.content_type = "application/octet-stream";
      response.headers.emplace("Content-Encoding", "gzip");
      response.shared = page;
      return response;
    });
    server_->Handle("GET", "/empty", [](const HttpRequest&) { return Text(""); });
    server_->Handle("GET", "/nothing", [](const HttpRequest&) {
      HttpResponse response;
      response.status = 304;
      return response;
    });
    server_->Handle("GET", "/split", [](const HttpRequest&) {
      HttpResponse response = Text("body");
      response.headers.emplace("X-Bad", "a\r\nX-Injected: b");
      return response;
    });
  }
};

TEST_F(Pages, SharedBetweenManyResponsesArriveWhole) {
  Start();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      std::string response = Ask(Get("/shared", "Accept-Encoding: gzip, br\r\n"));
      EXPECT_THAT(response.substr(0, 500), HasSubstr("Content-Encoding: gzip\r\n"));
      EXPECT_THAT(response.substr(0, 500), HasSubstr("Content-Length: 8388608\r\n"));
      EXPECT_EQ(BodyOf(response).size(), size_t{8} << 20);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(Pages, AreNotCompressedBehindTheHandlersBack) {
  Start();
  std::string response = Ask(Get("/hello", "Accept-Encoding: gzip\r\n"));
  EXPECT_THAT(response, Not(HasSubstr("Content-Encoding")));
  EXPECT_EQ(BodyOf(response), "hello\n");
}

TEST_F(Pages, WithoutABodyKeepTheConnection) {
  Start();
  RawClient client = Client();
  EXPECT_THAT(client.Ask(Get("/empty")), HasSubstr("Content-Length: 0\r\n"));
  EXPECT_EQ(StatusLine(client.Ask(Get("/nothing"))), "HTTP/1.1 304 Not Modified");
  EXPECT_EQ(BodyOf(client.Ask(Get("/hello"))), "hello\n");
}

TEST_F(Pages, CannotInjectAHeader) {
  Start();
  EXPECT_THAT(Ask(Get("/split")), Not(HasSubstr("X-Injected")));
}

TEST_F(Pages, NobodyReadsDoNotHoldUpTheStop) {
  options_.limits.write_timeout = milliseconds(200);
  Start();
  RawClient client = Client();
  client.Send(Get("/shared"));
  client.ReadUntil("\r\n");
  server_->Stop();  // the test ends, or ctest ends it
}

class Streams : public Server {
 protected:
  // A client to whom the stream has begun to flow.
  RawClient Listener() {
    RawClient client = Client();
    client.Send(Get("/stream"));
    EXPECT_THAT(client.ReadUntil("tick"), HasSubstr("data: tick"));
    return client;
  }
};

TEST_F(Streams, FlowWhileTheHandlerWrites) {
  Start();
  RawClient client = Client();
  client.Send(Get("/stream"));
  std::string text = client.ReadUntil("data: tick\n\n\r\nc\r\ndata: tick");
  EXPECT_EQ(StatusLine(text), "HTTP/1.1 200 OK");
  EXPECT_THAT(text, HasSubstr("Content-Type: text/event-stream\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("Content-Length")));
}

TEST_F(Streams, EndWhenTheServerStops) {
  Start();
  RawClient client = Listener();
  server_->Stop();
  client.ReadToEnd();  // fails when the server does not close
}

TEST_F(Streams, BeyondTheLimitGet503WithRetryAfter) {
  options_.limits.streams = 2;
  Start();
  RawClient first = Listener();
  RawClient second = Listener();
  std::string response = Ask(Get("/stream"));
  EXPECT_EQ(StatusLine(response), "HTTP/1.1 503 Service Unavailable");
  EXPECT_THAT(response, HasSubstr("Retry-After: 5\r\n"));
}

TEST_F(Streams, LeaveTheirPlaceWhenTheClientGoes) {
  options_.limits.streams = 1;
  Start();
  Listener().Close();
  // The server notices at its next writes.
  std::string status;
  for (int i = 0; i < 600 && status != "HTTP/1.1 200 OK"; ++i) {
    std::this_thread::sleep_for(milliseconds(100));
    RawClient client = Client();
    client.Send(Get("/stream"));
    status = StatusLine(client.ReadUntil("\r\n"));
  }
  EXPECT_EQ(status, "HTTP/1.1 200 OK");
}

TEST_F(Streams, DoNotTakeTheThreadsOfRequests) {
  options_.limits = {.request_threads = 1, .streams = 4};
  Start();
  std::vector<RawClient> listeners;
  for (int i = 0; i < 4; ++i) listeners.push_back(Listener());
  EXPECT_EQ(BodyOf(Ask(Get("/hello"))), "hello\n");
}

TEST_F(Streams, OfAHeadDoNotRun) {
  Start();
  RawClient client = Client();
  client.Send(std::string("HEAD /stream HTTP/1.1\r\nConnection: close\r\n") + kHost + "\r\n");
  EXPECT_EQ(BodyOf(client.ReadToEnd()), "");
}

TEST_F(Server, TellsItsPortAndUrl) {
  Start();
  EXPECT_GT(server_->port(), 0);
  EXPECT_EQ(server_->url(), "http://127.0.0.1:" + std::to_string(server_->port()));
}

TEST_F(Server, ListensOnEveryAddress) {
  options_.listen_address = ":0";
  Start();
  EXPECT_EQ(BodyOf(Ask(Get("/hello"))), "hello\n");
  EXPECT_EQ(server_->url(), "http://127.0.0.1:" + std::to_string(server_->port()));
}

std::string StartFault(const std::string& address) {
  HttpServer::Options options;
  options.listen_address = address;
  HttpServer server(options);
  try {
    server.Start();
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "started";
}

TEST_F(Server, NamesTheAddressAndTheRemedyWhenThePortIsTaken) {
  Start();
  std::string address = "127.0.0.1:" + std::to_string(server_->port());
  EXPECT_EQ(StartFault(address),
            "can't listen on " + address +
                ": Address already in use; stop the program that has the port ('ss -ltnp' names "
                "it), or give another address with --web.listen-address");
}

TEST_F(Server, NamesAnAddressThatIsNotOfThisMachine) {
  EXPECT_EQ(StartFault("192.0.2.1:0"),
            "can't listen on 192.0.2.1:0: Cannot assign requested address; give an address of this "
            "machine (see 'ip address') with --web.listen-address");
}

TEST_F(Server, NamesAnAddressThatIsNone) {
  for (const char* address : {"", "9812", "localhost", "127.0.0.1:", "127.0.0.1:70000",
                              "127.0.0.1:9812x", "::1:9812", "[::1]9812", "127.0.0.1:-1"}) {
    EXPECT_THAT(StartFault(address), HasSubstr("it is not an address; write host:port")) << address;
  }
}

TEST_F(Server, StopsTwiceAndLeavesThePortToTheNext) {
  Start();
  options_.listen_address = "127.0.0.1:" + std::to_string(server_->port());
  Ask(Get("/hello", "Connection: close\r\n"));
  server_->Stop();
  server_->Stop();
  Start();
  EXPECT_EQ(BodyOf(Ask(Get("/hello"))), "hello\n");
}

}  // namespace
}  // namespace usage
