// Tenants from PostgreSQL.
#pragma once

#include <string>

#include "config/config.h"
#include "sources/postgres/read_session.h"
#include "sources/tenant_source.h"

namespace usage {

// From a table of which the optional columns are read where they exist, or from a query.
class SqlTenantSource : public TenantSource {
 public:
  explicit SqlTenantSource(const TenantsConfig& config);

  std::vector<TenantInfo> Read() override;

 private:
  std::string QueryOfTable();

  const TenantsConfig config_;
  ReadSession session_;
};

}  // namespace usage
