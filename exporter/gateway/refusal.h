// A request that is answered with an error, in the form that Prometheus' API gives errors.
#pragma once

#include <string>
#include <string_view>

namespace usage::gateway {

struct Refusal {
  int status = 400;
  const char* error_type = "bad_data";  // as Prometheus names them
  std::string message;
  const char* reason = "parameter";  // the label of usage_gateway_refusals_total
  const char* limit = "";            // the limit's name in the config, where one was hit
  int retry_after = 0;               // seconds; 0: no such header
  std::string allow{};               // methods, for 405
};

// 422, naming the limit as the config does.
Refusal LimitHit(const char* limit, const std::string& what);
Refusal BadParameter(std::string_view name, const std::string& what);

// {"status":"error","errorType":…,"error":…}. Bytes that are not UTF-8 are replaced.
std::string ErrorJson(std::string_view error_type, std::string_view message);
// As JSON: quoted and escaped.
std::string JsonString(std::string_view text);

}  // namespace usage::gateway
