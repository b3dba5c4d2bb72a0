// The HTTP server of a program's own pages: few routes, prepared bodies, event streams.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "net/web_config.h"

namespace usage {

struct HttpRequest {
  std::string method;  // "GET" for HEAD too: the server leaves the body out
  std::string path;    // percent-decoded, without the query
  std::string query;   // raw, after the '?'
  std::string body;
  std::string remote;  // the peer's address and port
  std::string user;    // of basic authentication; "" when nobody is asked
  std::multimap<std::string, std::string> headers;  // names in lower case

  // The values of a header, joined by ", " as RFC 9110 5.3 reads repeated ones; "" when absent.
  std::string header(std::string_view name) const;
};

// The sending end of a stream (Server-Sent Events): used by the stream's own thread.
class HttpStreamWriter {
 public:
  virtual ~HttpStreamWriter() = default;
  // Sends now. False: the client is gone, or took nothing for Limits::write_timeout, or the server
  // stops; then the stream function returns. So that a client that went is noticed, something is
  // sent every few seconds.
  virtual bool Write(std::string_view bytes) = 0;
  // Requested when the server stops: wait on a std::condition_variable_any with it.
  virtual std::stop_token stop() const = 0;
};

using HttpStream = std::function<void(HttpStreamWriter&)>;

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::multimap<std::string, std::string> headers;  // beside Content-Type and Content-Length
  // What is sent: `stream` when set, else `shared` (not copied: many responses may share one page)
  // when set, else `body`.
  std::string body;
  std::shared_ptr<const std::string> shared;
  HttpStream stream;  // runs on the connection's thread
};

// Called on a thread of the pool, several at once. An exception becomes a 500 that says nothing of
// it; its text goes to Options::log_error.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

// On cpp-httplib. A connection has a thread of its own for as long as it lives, so idle ones are
// closed soon, and there are as many threads as streams and requests may need together.
class HttpServer {
 public:
  struct Limits {
    // Connections that are served at once beside the streams; further ones wait.
    int request_threads = 32;
    int streams = 64;               // beyond: 503 with Retry-After
    size_t body_bytes = 64 * 1024;  // beyond: 413. Lines of a head: 8 KiB, the library's constant
    std::chrono::milliseconds read_timeout{5'000};   // without a byte, in handshake and request
    std::chrono::milliseconds write_timeout{5'000};  // without progress
    // Between the requests of a connection. Shorter than the usual 5 s between two scrapes, so that
    // one doesn't meet a connection about to be closed; Stop can take so long.
    std::chrono::seconds idle_timeout{3};
  };
  struct Options {
    std::string listen_address =
        "127.0.0.1:9812";  // "host:port", ":port", "[::1]:port"; port 0: any
    WebConfig web;
    Limits limits;
    std::function<void(const std::string&)> log_error;  // any thread; may be empty
  };

  explicit HttpServer(Options options);
  ~HttpServer();  // Stop()

  // Before Start. `path` is exact. A GET route answers HEAD too; another method gets 405 with
  // Allow, another path 404.
  void Handle(const std::string& method, const std::string& path, HttpHandler handler);

  // Binds and serves. Throws std::runtime_error that names the address and the remedy.
  void Start();
  int port() const;         // the one bound; after Start
  std::string url() const;  // "http://127.0.0.1:9812", "https://…" under TLS; after Start

  // Users, headers and rate limit, from the next request on. A changed tls_server_config needs a
  // restart: throws std::runtime_error, and nothing is changed. (Changed certificate files need
  // nothing: they are read again by themselves.) Thread-safe.
  void SetWebConfig(WebConfig web);

  // Ends streams at once, lets running handlers finish, closes every connection. Takes up to the
  // longest of Limits' time limits. Idempotent.
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace usage
