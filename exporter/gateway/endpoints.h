// The allow-list: every path that the gateway answers, with its methods and parameters. What is not
// here is 404, and what is not a parameter here is refused.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace usage::gateway {

enum class ParameterKind {
  kQuery,     // an expression, enforced
  kSelector,  // match[]: a selector, enforced
  kTime,
  kDuration,
  kStep,  // a duration above zero
  kCount,
  kText,  // UTF-8 without control characters
};

struct ParameterRule {
  std::string_view name;
  ParameterKind kind;
  bool repeats = false;
  bool required = false;
  // Not sent to the upstream: the gateway does what it says, on what it has filtered.
  bool is_own = false;
};

// What is done with the answer.
enum class Treatment {
  kPass,
  kFilterRules,
  kFilterAlerts,
  kFilterMetadata,
  kOwnBuildInfo,  // there is no upstream request
};

enum class MissingSelector {
  kRefused,
  kTenant,   // match[]={label="tenant"} is put in
  kLeftOut,  // nothing: the filter of the answer does it
};

struct Endpoint {
  std::string_view name;  // in metrics and the audit log
  std::string_view path;  // "" for label/NAME/values
  bool allows_post;
  Treatment treatment;
  MissingSelector missing;  // where match[] is a parameter
  std::span<const ParameterRule> parameters;

  const ParameterRule* Find(std::string_view parameter) const;
};

// Compared as bytes: a path with an escape, an empty or a dot segment is none of these, so nothing
// has to be normalised as the upstream would. Null: 404.
const Endpoint* FindEndpoint(std::string_view path);

}  // namespace usage::gateway
