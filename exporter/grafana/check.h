// Is a running Grafana closed as docs/grafana.md wants it? What `usagectl grafana check` asks.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace usage::grafana {

enum class Verdict {
  kGood,
  kWarning,  // may be meant, or could not be seen
  kBad,
};

struct Finding {
  Verdict verdict = Verdict::kGood;
  std::string subject;  // "sign-up"
  std::string what;     // what was seen
  std::string remedy;   // "" of good ones
};

// Signs in as grafana.orgs.user, and knocks as a stranger too; changes nothing. Throws
// GrafanaError when Grafana is away or the sign-in fails.
std::vector<Finding> CheckGrafana(const Config& config, int parallel);

// A line each, the bad ones last, and a sum.
std::string FindingsText(const std::vector<Finding>& findings);
std::string FindingsJson(const std::vector<Finding>& findings);

}  // namespace usage::grafana
