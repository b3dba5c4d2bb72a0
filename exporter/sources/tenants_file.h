// Tenants from a YAML file, where the database has no table of them.
#pragma once

#include <string>

#include "config/config.h"
#include "sources/tenant_source.h"

namespace usage {

// Reads the file anew each time. Every fault of the file is in one exception, each with its line.
class FileTenantSource : public TenantSource {
 public:
  explicit FileTenantSource(const TenantsConfig& config) : config_(config) {}

  std::vector<TenantInfo> Read() override;

 private:
  const TenantsConfig config_;
};

}  // namespace usage
