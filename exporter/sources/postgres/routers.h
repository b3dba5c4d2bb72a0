// Routers from PostgreSQL.
#pragma once

#include <string>

#include "config/config.h"
#include "sources/postgres/read_session.h"
#include "sources/router_list.h"

namespace usage {

// From the panel's table, of which the known columns are read where they are and may be, or from a
// query. A row with a fault costs that router only. No secret is ever read from there.
class SqlRouterList : public RouterListSource {
 public:
  explicit SqlRouterList(const RoutersConfig& config);

  RouterList Read() override;

 private:
  std::string QueryOfTable();

  const RoutersConfig config_;
  ReadSession session_;
};

}  // namespace usage
