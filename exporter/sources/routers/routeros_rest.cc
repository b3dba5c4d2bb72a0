#include "sources/routers/routeros_rest.h"

#include "core/http_url.h"
#include "core/version.h"
#include "net/basic_auth.h"
#include "net/http_reply.h"
#include "sources/routers/rest_reply.h"
#include "sources/routers/router_link.h"
#include "sources/routers/routeros_tables.h"

namespace usage {
namespace {

using std::chrono::steady_clock;

constexpr size_t kMostBodyBytes = 64 * 1024 * 1024;

std::string TargetOf(const OsQuery& query) {
  std::string target = "/rest" + std::string(query.menu) + "?.proplist=";
  target += query.proplist;
  if (!query.only.empty()) target += "&" + std::string(query.only);
  return target;
}

// As messages name it.
std::string RequestName(std::string_view target) {
  return "GET " + std::string(target.substr(0, target.find('?')));
}

// Not net/http_client.h: cpp-httplib 0.11.4 limits the time between two bytes only and no head, so
// a router that drips would keep a poll for ever, and it takes no pinned certificate.
class RouterOsRest : public RouterSource {
 public:
  RouterOsRest(RouterConfig router, const Clock& clock)
      : router_(std::move(router)), clock_(clock), link_(router_), fixed_headers_(FixedHeaders()) {}

  // One table after the other: a router serves REST one by one whatever it is sent.
  RouterReading Poll(PollDepth depth) override {
    deadline_ = steady_clock::now() + router_.timeout;
    OsReading reading(router_);
    for (const OsQuery& query : QueriesOf(router_, depth)) {
      Answer answer = Get(TargetOf(query));
      if (answer.status != 200) FailStatus(query, answer);
      TakeRows(query, answer.body, &reading);
      reading.End(query.table, clock_.Now());
    }
    return reading.Finish();
  }

 private:
  struct Answer {
    int status = 0;
    std::string body;
  };

  std::string FixedHeaders() const;
  Answer Get(const std::string& target);
  Answer GetOpen(const std::string& target);
  std::string ReadBody(HttpReply* reply, const std::string& target);
  void Check(HttpIo io, const std::string& target);
  void TakeRows(const OsQuery& query, std::string_view body, OsReading* reading);
  [[noreturn]] void FailStatus(const OsQuery& query, const Answer& answer) const;

  const RouterConfig router_;
  const Clock& clock_;
  RouterLink link_;
  const std::string fixed_headers_;  // with the password in it
  SteadyTime deadline_;
  bool has_heard_ = false;  // whether the router said anything to the last request
};

std::string RouterOsRest::FixedHeaders() const {
  const HttpUrl url{router_.host, router_.port, "", router_.use_tls};
  return " HTTP/1.1\r\nHost: " + url.Authority() +
         "\r\nAuthorization: " + BasicAuthorization({router_.user, router_.password}) +
         "\r\nAccept: application/json\r\nUser-Agent: usage_exporter/" + kVersion + "\r\n\r\n";
}

RouterOsRest::Answer RouterOsRest::Get(const std::string& target) {
  if (link_.is_open()) {
    try {
      return GetOpen(target);
    } catch (const LinkLost&) {
      // A kept connection may have died long ago: this says nothing about the router yet.
      if (has_heard_) throw;
    }
  }
  link_.Open(deadline_);
  return GetOpen(target);
}

RouterOsRest::Answer RouterOsRest::GetOpen(const std::string& target) {
  has_heard_ = false;
  if (!link_.Send("GET " + target + fixed_headers_, deadline_)) Check(HttpIo::kTimeout, target);
  HttpReply reply(&link_.channel(), &link_.in());
  const HttpIo io = reply.ReadHead(deadline_);
  has_heard_ = io == HttpIo::kOk || !link_.in().empty();
  Check(io, target);
  Answer answer{reply.head().status, ReadBody(&reply, target)};
  if (!reply.leaves_clean()) link_.Close();
  return answer;
}

std::string RouterOsRest::ReadBody(HttpReply* reply, const std::string& target) {
  std::string body;
  for (bool is_done = false; !is_done;) {
    const HttpIo io = reply->ReadBody(&body, &is_done, deadline_);
    Check(io, target);
    if (body.size() > kMostBodyBytes) {
      link_.Fail("more than 64 MiB in answer to " + RequestName(target),
                 "no router has so many sessions: check its address");
    }
  }
  return body;
}

void RouterOsRest::Check(HttpIo io, const std::string& target) {
  switch (io) {
    case HttpIo::kOk:
      return;
    case HttpIo::kTimeout:
      link_.Fail("no whole answer to " + RequestName(target) + " in time",
                 "see what keeps its CPU busy, take tables out of its `tables`, or raise timeout");
    case HttpIo::kMalformed:
      link_.Fail("its answer to " + RequestName(target) + " is not HTTP",
                 "check that the port is its www or www-ssl service, and whether that is TLS");
    case HttpIo::kDisconnected:
    case HttpIo::kDisturbed:  // there is no watch
      link_.Lost();
  }
}

void RouterOsRest::TakeRows(const OsQuery& query, std::string_view body, OsReading* reading) {
  const auto rows = ReadRestRows(
      body, [&](const OsAttributes& attributes) { reading->Take(query.table, attributes); });
  if (rows) return;
  link_.Fail("its answer to " + RequestName(TargetOf(query)) + " is " + rows.error(),
             "check that the address is a router's with RouterOS 7.1 or later");
}

void RouterOsRest::FailStatus(const OsQuery& query, const Answer& answer) const {
  const std::string said = RouterSaid(router_, RestErrorText(answer.body));
  const std::string status =
      "status " + std::to_string(answer.status) + (said.empty() ? "" : ": " + said);
  if (answer.status == 401) {
    throw std::runtime_error(RouterMessage(
        router_, "it refused the user " + router_.user + ", " + status,
        "check user and password, and that its group has the policies read and rest-api"));
  }
  const std::string_view table = ConfigName(query.table);
  throw std::runtime_error(
      RouterMessage(router_, RequestName(TargetOf(query)) + " was answered with " + status,
                    table.empty() ? "REST needs RouterOS 7.1 or later, and a user who may read this"
                                  : "if it does not have that, take " + std::string(table) +
                                        " out of its tables; REST needs RouterOS 7.1 or later"));
}

}  // namespace

std::unique_ptr<RouterSource> MakeRouterOsRest(const RouterConfig& router, const Clock& clock) {
  return std::make_unique<RouterOsRest>(router, clock);
}

}  // namespace usage
