// Grafana's HTTP API, as a server admin calls it.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "net/http_client.h"

namespace usage::grafana {

// Grafana is away, or said no. Holds no secret: neither the request's body nor the cookie.
class GrafanaError : public std::runtime_error {
 public:
  GrafanaError(const std::string& message, int status)
      : std::runtime_error(message), status_(status) {}
  int status() const { return status_; }  // 0: no answer
 private:
  int status_;
};

// The id of an org, which goes into X-Grafana-Org-Id. Grafana ignores that header when it is 0,
// negative or no number, and works in the caller's active org instead: so none can be made of it.
class OrgId {
 public:
  // Throws std::logic_error for an id that is not positive.
  explicit OrgId(int64_t value);
  int64_t value() const { return value_; }
  std::string text() const { return std::to_string(value_); }

 private:
  int64_t value_;
};

using Answer = HttpAnswer;  // the body is JSON, of most

struct Login {
  HttpUrl url;
  std::string ca_file;  // PEM; "": the system's
  std::string user;
  std::string password;
};

// One sign-in for all connections: hashing a password takes Grafana longer than most requests.
// Thread-safe.
class Session {
 public:
  explicit Session(Login login) : login_(std::move(login)) {}

  // "grafana_session=…"; signs in at the first call. Throws GrafanaError.
  std::string Cookie();
  // After an answer said that `stale` is none any more (Grafana 12: after ten minutes).
  void Renew(const std::string& stale);

  const Login& login() const { return login_; }
  void CountRequest() { ++requests_; }
  uint64_t requests() const { return requests_; }

 private:
  std::string SignIn();
  std::string Rotate(const std::string& stale);  // "" when it can't be

  const Login login_;
  std::atomic<uint64_t> requests_{0};
  std::mutex mutex_;  // guards cookie_
  std::string cookie_;
};

// One connection, of one thread at a time.
class Client {
 public:
  explicit Client(Session& session);

  // `path` is escaped already. Inside an org where one is named. Any status is an answer; throws
  // GrafanaError when there is none.
  Answer Send(const char* method, const std::string& path, std::optional<OrgId> org,
              std::string_view body = "");

 private:
  Session& session_;
  HttpClient http_;
};

// As somebody who has not signed in. Throws GrafanaError when there is no answer.
Answer SendAsStranger(const Login& login, const char* method, const std::string& path,
                      std::string_view body = "");

// "a%2Fb": one segment of a path, or a value of a query.
std::string Escaped(std::string_view text);

// `doing` failed with that answer: what Grafana said, and what to do where that is known.
GrafanaError Refused(const std::string& doing, const Answer& answer);

}  // namespace usage::grafana
