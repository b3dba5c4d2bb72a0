// The one request of the live push.
#pragma once

#include <chrono>
#include <string>

#include "config/config.h"
#include "net/http_client.h"

namespace usage::grafana {

struct PushAnswer {
  enum class Kind {
    kTaken,
    kRefused,   // the token is none of this Grafana's, or may not push any more
    kRejected,  // any other answer: of this frame Grafana wants nothing
    kNoAnswer,  // within the time, or no connection
  };
  Kind kind = Kind::kTaken;
  std::string error;  // "" when taken; names Grafana and the remedy, holds no secret
};

// One connection to Grafana, kept for the next push. Push is of one thread at a time.
//
// The org of a push is the one of its token, and nothing else can be said here: to a request that
// names another org (the header X-Grafana-Org-Id beside a password) Grafana 12.3 answers 200 and
// publishes where every user of the server can read it.
class LiveClient {
 public:
  // Opens nothing yet.
  LiveClient(const GrafanaConfig& grafana, std::chrono::milliseconds timeout);

  // Waits for the answer: up to the timeout to connect, and again for each of its parts.
  PushAnswer Push(const std::string& token, const std::string& lines);

  // Ends a Push that waits, from another thread; one that is connecting ends by its timeout.
  void Cancel();

 private:
  PushAnswer Judge(int status) const;

  const std::string url_;  // as errors show it
  HttpClient http_;
};

}  // namespace usage::grafana
