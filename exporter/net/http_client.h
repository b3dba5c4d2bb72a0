// One connection to an HTTP server, as everything that asks another program has it.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/http_url.h"

namespace usage {

struct HttpPeer {
  HttpUrl url;
  std::string ca_file = {};  // PEM: who may have signed its certificate; "": the system's
  std::chrono::milliseconds connect_timeout{10000};
  std::chrono::milliseconds answer_timeout{30000};  // of each part of an answer
  std::string user = {};                            // of basic authentication; "": none
  std::string password = {};
};

struct HttpCall {
  const char* method = "GET";
  std::string path;  // below the peer's own, escaped already
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  bool wants_body = true;  // false: what the answer says is thrown away, however long it is
};

struct HttpAnswer {
  int status = 0;  // 0: there is no answer
  std::string body = {};
  std::multimap<std::string, std::string> headers = {};  // names in lower case
  std::string error = {};                                // why there is none; holds no secret

  bool ok() const { return status >= 200 && status < 300; }
};

// The connection is kept for the next call. A redirect is an answer like another. Of one thread at
// a time.
class HttpClient {
 public:
  // Opens nothing yet.
  explicit HttpClient(const HttpPeer& peer);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  HttpAnswer Send(const HttpCall& call);

  // Ends a Send that waits, from another thread; one that is connecting ends by its timeout.
  void Cancel();

 private:
  class Connection;
  const std::unique_ptr<Connection> connection_;
};

}  // namespace usage
