// The panel's tables `tenants` and `user_sessions`, as a panel writes them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/types.h"
#include "sim/population.h"
#include "sim/timetable.h"

namespace usage::sim {

struct PanelCounters {
  Volume volume;
  bool data_used_only = false;  // the two others stay NULL
};

struct PanelRow {
  std::string id;
  std::string tenant_id;
  std::string voucher;  // "": NULL
  std::string mac;
  Second start{};
  Second end{};  // the planned one while it is active
  std::string status;
  PanelCounters counters;
};

struct PanelUpdate {
  std::string id;
  PanelCounters counters;
};

struct PanelClose {
  std::string id;
  Second end{};
  std::string status;
  std::optional<PanelCounters> counters;  // none: they stay
};

// One transaction. Writing it twice is writing it once.
struct PanelBatch {
  Second at{};                 // created_at, updated_at
  std::vector<PanelRow> rows;  // new ones, or a reused id's
  std::vector<PanelUpdate> moving;
  std::vector<PanelUpdate> again;  // some of them a second time
  std::vector<PanelClose> closed;
  std::vector<std::string> purged;  // ids

  bool empty() const { return rows.empty() && moving.empty() && closed.empty() && purged.empty(); }
};

// Which of the columns that a panel may or may not have are there.
struct TenantColumns {
  bool time_zone = false;
  bool billing_day = false;
  bool quota_bytes = false;
  bool plan = false;
};

// A connection, made anew when it broke. One thread. Every fault is a std::runtime_error with the
// server's message and, where the simulator knows one, the remedy.
class PanelStore {
 public:
  explicit PanelStore(std::string dsn);
  ~PanelStore();
  PanelStore(const PanelStore&) = delete;
  PanelStore& operator=(const PanelStore&) = delete;

  // Where they do not exist.
  void CreateTables();
  // Throws when `tenants` or, if it is needed, `user_sessions` can't be written.
  TenantColumns CheckTables(bool with_user_sessions);
  void WriteTenants(const std::vector<Tenant>& tenants, const TenantColumns& columns);
  // Sessions that an earlier run left open end as after a power cut.
  void CloseLeftovers(const std::vector<Tenant>& tenants, Second at);
  void Write(const PanelBatch& batch);

 private:
  class Connection;
  Connection& connection();

  std::string dsn_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace usage::sim
