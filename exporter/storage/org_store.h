// What usagectl knows of the orgs that it made in Grafana: table grafana_org of the ledger's
// schema.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"

namespace usage {

struct KeptOrg {
  std::string tenant_id;                       // "": the operator's own
  std::optional<int64_t> org_id;               // none: it was about to be made
  std::string name;                            // as Grafana was told last
  std::map<std::string, std::string> applied;  // part → hash of what was applied
  std::string gateway_token;                   // id of the token in its data source
  std::string live_token;                      // a secret
  bool locked = false;

  friend bool operator==(const KeptOrg&, const KeptOrg&) = default;
};

// Thread-safe. Every call throws StoreError when the database is away or says no, and ends within
// StorageConfig::timeout.
class OrgStore {
 public:
  // Connects and brings the schema up to date.
  explicit OrgStore(const StorageConfig& config);
  ~OrgStore();
  OrgStore(const OrgStore&) = delete;
  OrgStore& operator=(const OrgStore&) = delete;

  // False: another usagectl holds it, and went on to for some seconds. Held until this object or
  // its process ends.
  bool TakeLock();

  std::vector<KeptOrg> Load();
  // Adds or replaces rows, all or none.
  void Save(const std::vector<KeptOrg>& orgs);
  void Save(const KeptOrg& org) { Save(std::vector<KeptOrg>{org}); }
  void Forget(const std::string& tenant_id);

 private:
  class Session;
  template <typename Body>
  auto Guarded(Body body);
  bool TryLock();

  const StorageConfig config_;
  std::unique_ptr<Session> session_;
};

}  // namespace usage
