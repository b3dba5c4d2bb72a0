// Where tenants come from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/alert_thresholds.h"

namespace usage {

struct TenantInfo {
  std::string id;  // as the session rows write it
  std::string name;
  std::string time_zone;  // IANA name; not validated here: the ledger takes UTC for an unknown one
  int billing_day = 1;    // 1 to 31
  std::optional<uint64_t> quota_bytes;  // a month's, both directions
  std::string plan;
  std::string week_start =
      "";  // of its calendar in Grafana: monday, saturday, sunday; "": not said
  AlertThresholds alerts = DefaultAlertThresholds();
  std::string alerts_fault = "";  // what is wrong with its own ones, a line each; "": nothing

  friend bool operator==(const TenantInfo&, const TenantInfo&) = default;
};

class TenantSource {
 public:
  virtual ~TenantSource() = default;
  // All tenants. Throws std::runtime_error with what is wrong (file and line, or column and row)
  // and the remedy; then the tenants known so far stay.
  virtual std::vector<TenantInfo> Read() = 0;
};

}  // namespace usage
