// usage_gateway, by its own metrics.
#include "doctor/amounts.h"
#include "doctor/checks.h"

namespace usage::doctor {

void CheckGateway(const House& house, Notes& notes) {
  if (!house.doctor().gateway_metrics) {
    return notes.NotChecked("usage_gateway", "doctor.gateway_metrics_url");
  }
  const MetricsPage& page = house.GatewayPage();
  const auto tokens = static_cast<uint64_t>(page.Value("usage_gateway_tokens").value_or(0));
  notes.Good("usage_gateway", "answers, " + Count(tokens, "token"));
  if (page.Value("usage_gateway_token_file_last_reload_successful").value_or(1) != 1) {
    notes.Broken("token file", "could not be read when it changed; the tokens before are in force",
                 "its log names the fault; write the file with usagectl token");
  }
  if (page.Value("usage_gateway_config_last_reload_successful").value_or(1) != 1) {
    notes.Broken("reload", "the last configuration was bad, the one before is in force",
                 "see what is wrong", {"usage_gateway --check-config"});
  }
}

}  // namespace usage::doctor
