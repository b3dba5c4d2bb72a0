// From what a client sent to what the upstream is asked: the path looked up, parameters checked,
// expressions enforced, limits applied. No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/endpoints.h"
#include "gateway/enforce.h"
#include "gateway/form.h"
#include "gateway/limits.h"
#include "gateway/refusal.h"

namespace usage::gateway {

struct ClientRequest {
  std::string_view method;
  std::string_view target;  // path?query
  std::string_view content_type;
  std::string_view body;
};

struct ShapedRequest {
  const Endpoint* endpoint = nullptr;
  std::string path;
  std::string form;   // encoded, enforced
  std::string asked;  // the client's own expressions, for the audit log
  // Of a range query; for the cache of results.
  std::optional<double> start, end, step;
  // What the gateway applies by itself (ParameterRule::is_own).
  std::optional<uint64_t> limit, limit_per_metric;
};

// `tenant` null: an operator.
std::variant<ShapedRequest, Refusal> Shape(const ClientRequest& request,
                                           const TenantMatcher* tenant, const TenantLimits& limits);

}  // namespace usage::gateway
