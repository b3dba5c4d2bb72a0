// A real Prometheus on 127.0.0.1, with what series it is given.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/temp_folder.h"

namespace usage::gateway {

struct PrometheusAnswer {
  int status = 0;
  std::string body;
};

// Ends with the thread that started it.
class PrometheusServer {
 public:
  // `openmetrics`: series with time stamps, which promtool makes blocks of; "" for none. Throws
  // std::runtime_error when it does not come up.
  explicit PrometheusServer(const std::string& openmetrics);
  ~PrometheusServer();
  PrometheusServer(const PrometheusServer&) = delete;
  PrometheusServer& operator=(const PrometheusServer&) = delete;

  using Parameters = std::vector<std::pair<std::string, std::string>>;
  // POST /api/v1/ENDPOINT, with a form as its body.
  PrometheusAnswer Ask(const std::string& endpoint, const Parameters& parameters);

  // Whether its parser takes the query.
  bool Takes(const std::string& query) {
    return Ask("format_query", {{"query", query}}).status == 200;
  }

 private:
  class Client;

  void MakeBlocks(const std::string& openmetrics) const;
  void Launch();
  bool ComesUp();

  testing::TempFolder folder_;
  int port_;
  pid_t pid_ = -1;
  std::unique_ptr<Client> client_;
};

}  // namespace usage::gateway
