// A gateway in this process, in front of a fake upstream, with tokens for two tenants and an
// operator.
#pragma once

#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "gateway/front_server.h"
#include "gateway/gateway.h"
#include "gateway/token_file.h"
#include "tests/gateway/fake_upstream.h"
#include "tests/net/raw_client.h"
#include "tests/support/temp_folder.h"

namespace usage::gateway::testing {

using usage::testing::BodyOf;
using usage::testing::RawClient;
using usage::testing::StatusLine;
using usage::testing::TempFolder;

inline TokenRecord RecordOf(const std::string& token, const std::string& tenant) {
  TokenRecord record;
  record.sha256 = Sha256Hex(token);
  record.scope = tenant.empty() ? Scope::kOperator : Scope::kTenant;
  record.tenant = tenant;
  return record;
}

// Until it is so, for a generous while.
inline bool Eventually(const std::function<bool()>& is_so) {
  for (int i = 0; i < 6000; ++i) {
    if (is_so()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return is_so();
}

class GatewayUnderTest {
 public:
  using Change = std::function<void(GatewayConfig*, FrontServer::Options*)>;

  explicit GatewayUnderTest(const FakeUpstream& upstream, const Change& change = {})
      : GatewayUnderTest(upstream.port(), change) {}
  explicit GatewayUnderTest(int upstream_port, const Change& change = {}) {
    WriteTokenFile(tokens_file(),
                   {RecordOf("token-a", "A"), RecordOf("token-b", "B"), RecordOf("token-op", "")});
    config_.upstream.host = "127.0.0.1";
    config_.upstream.port = upstream_port;
    config_.tokens_file = tokens_file();
    config_.token_header = "X-Usage-Token";
    config_.limits.requests_per_second = 0;
    config_.operators = config_.limits;
    config_.audit = audit_file();
    FrontServer::Options options;
    options.listen_address = "127.0.0.1:0";
    options.log_error = [](const std::string&) {};
    if (change) change(&config_, &options);
    GatewayLog log;
    log.info = log.error = [](const std::string&) {};
    gateway_ = std::make_unique<Gateway>(config_, log);
    front_ = std::make_unique<FrontServer>(std::move(options), gateway_.get());
    front_->Start();
  }

  std::string tokens_file() const { return folder_ / "tokens.json"; }
  std::string audit_file() const { return folder_ / "audit.log"; }
  int port() const { return front_->port(); }
  Gateway& gateway() { return *gateway_; }
  FrontServer& front() { return *front_; }
  GatewayConfig& config() { return config_; }

  RawClient Connect() const { return RawClient(port()); }
  // A whole answer to a GET.
  std::string Get(const std::string& target, const std::string& token = "token-a",
                  const std::string& more = "") const {
    return Connect().Ask("GET " + target + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                         token + "\r\n" + more + "\r\n");
  }
  std::string Post(const std::string& target, const std::string& body,
                   const std::string& token = "token-a") const {
    return Connect().Ask("POST " + target + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                         token + "\r\nContent-Type: application/x-www-form-urlencoded\r\n" +
                         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  std::string audit() const {
    std::ifstream file(audit_file());
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string metrics() const {
    GatewayGauges gauges;
    gateway_->Describe(&gauges);
    return gateway_->metrics().Page(gauges);
  }

 private:
  TempFolder folder_;
  GatewayConfig config_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<FrontServer> front_;
};

inline int StatusOf(const std::string& response) {
  return response.size() < 12 ? 0 : std::atoi(response.c_str() + 9);
}

}  // namespace usage::gateway::testing
