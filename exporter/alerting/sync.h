// Keeps Alertmanager in step with the tenants and their contacts.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "alerting/changes.h"
#include "alerting/house.h"
#include "alerting/server.h"
#include "config/config.h"
#include "core/atomic_file.h"

namespace usage::alerting {

enum class Outcome {
  kNothingToDo,  // the file is right, and Alertmanager runs on it
  kLoaded,       // Alertmanager runs on the new file
  kNotLoaded,    // the new file is there and checked, and Alertmanager could not be told
  kRefused,      // the old file is there, and Alertmanager runs on what it had
};

struct SyncResult {
  Outcome outcome = Outcome::kNothingToDo;
  std::string error;  // of the last two, with the remedy; no secret is in it
};

struct SyncOptions {
  bool apply = true;       // take the lock
  bool drop_many = false;  // also when more than a tenth of the tenants would lose their routes
};

class Sync {
 public:
  // Reads what the file is made of, and the file. Throws std::runtime_error for what is wrong with
  // that, when another sync goes on for a minute, and when the file is not usagectl's.
  Sync(const Config& config, const SyncOptions& options);

  const House& house() const { return house_; }
  const Routing& routing() const { return routing_; }
  const Changes& changes() const { return changes_; }
  // Warnings of the house and of the routing.
  std::vector<std::string> warnings() const;

  // Makes it so. Throws std::runtime_error when amtool finds the new file bad or is not there, when
  // the file can't be written, and when too many would lose their routes; then all is as before.
  SyncResult Apply();

 private:
  void PutInPlace();
  SyncResult Load(Server* server);
  SyncResult PutBack(Server* server, const std::string& why);
  std::string WithoutSecrets(std::string text) const;

  const AlertingConfig config_;
  const SyncOptions options_;
  std::optional<FileLock> lock_;
  House house_;
  Routing routing_;
  std::string text_;
  std::optional<std::string> old_text_;  // none: there is no file
  Changes changes_;
};

}  // namespace usage::alerting
