// The language half of the gateway: PromQL in, the same PromQL with the tenant's matcher on every
// selector out. Pure functions: any thread, no state, no I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/expected.h"

namespace usage::gateway {

// What every selector is narrowed to: label="value". Both not empty (label="" would select every
// series without the label) and valid UTF-8; the label is not __name__. CheckTenantMatcher says so
// at start-up; EnforceQuery refuses a bad one all the same.
struct TenantMatcher {
  std::string label;
  std::string value;
};

// What is wrong with it; "" for a good one.
std::string CheckTenantMatcher(const TenantMatcher& matcher);

struct LanguageLimits {
  size_t max_bytes = size_t{64} * 1024;
  int max_depth = 100;  // nested brackets, calls and signs; more than kDeepest counts as kDeepest
};
constexpr int kDeepest = 250;  // what the parser's recursion is sized for

// step() and range() of duration expressions, for EnforcedQuery's numbers: 0 for an instant query.
struct TimeFrame {
  int64_t step_ms = 0;
  int64_t range_ms = 0;  // end - start
};

// Why a query was refused. Worded as Prometheus words it, where it has words for it.
struct QueryFault {
  size_t offset = 0;  // in bytes into the text, at most its size
  std::string message;
  bool is_too_deep = false;  // LanguageLimits: not the query is at fault but the limit
};

// "1:7: parse error: …", as Prometheus's API says it: line and column (in bytes) from 1.
std::string DescribeFault(std::string_view query, const QueryFault& fault);
// Three lines for a terminal: the line of the fault, a caret under its column, the message.
std::string PointAtFault(std::string_view query, const QueryFault& fault);

struct EnforcedQuery {
  std::string text;  // canonical

  // The farthest that the query looks back from the time that it is evaluated at: ranges, offsets
  // and the subqueries around them summed. The default lookback of 5m is not included. 0: none.
  int64_t lookback_ms = 0;
  // The earliest time (Unix) that an `@ <timestamp>` leads to, with its ranges and offsets.
  std::optional<int64_t> earliest_at_ms;
  // The smallest step that a subquery names. 0: none does.
  int64_t smallest_subquery_step_ms = 0;
  // How often the innermost expression is evaluated for one point of the answer: the greatest
  // product of range / step of subqueries within each other. `[1h:]` counts a step of 1m,
  // Prometheus's default evaluation interval. 1: no subquery.
  double subquery_points = 1;
};

// `tenant` null is for operators: the query is parsed, checked, limited and printed only.
Expected<EnforcedQuery, QueryFault> EnforceQuery(std::string_view query,
                                                 const TenantMatcher* tenant,
                                                 const LanguageLimits& limits = {},
                                                 const TimeFrame& frame = {});

// For match[]: one vector selector, without range, offset or @.
Expected<std::string, QueryFault> EnforceSelector(std::string_view selector,
                                                  const TenantMatcher* tenant,
                                                  const LanguageLimits& limits = {});

// {label="value"}: the selector for where the client may leave match[] away. The matcher is good.
std::string SelectorOf(const TenantMatcher& tenant);

}  // namespace usage::gateway
