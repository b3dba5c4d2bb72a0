// Who there is: tenants, their routers and their subscribers. The same seed and options give the
// same population.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/types.h"
#include "sim/timetable.h"

namespace usage::sim {

enum class FeedKind { kUserSessions, kRadius };

struct PopulationOptions {
  uint64_t seed = 1;
  int tenants = 20;
  int subscribers = 1000;  // of all tenants; at least two of each tenant
  int sessions = 400;      // open ones, of all tenants, on an average; less than subscribers
  bool user_sessions = true;
  bool radius = false;                  // both: some tenants here, some there, some in both
  double data_used_only = 0;            // share of tenants whose writer fills only data_used
  std::optional<uint64_t> small_quota;  // the first tenant's, in bytes
  int subscribers_per_nas = 250;        // at most
  Second from{};                        // nothing before it is ever asked for
};

// Throws std::invalid_argument with the remedy.
void Check(const PopulationOptions& options);

struct Tenant {
  std::string id;  // a UUID; the realm of RADIUS users too
  std::string name;
  Timetable* timetable = nullptr;  // of its zone
  int billing_day = 1;
  std::optional<uint64_t> quota_bytes;
  std::string plan;
  bool data_used_only = false;  // in user_sessions
  double hotspot_open = 0;      // the share of its hotspot subscribers that is online

  const std::string& zone_name() const { return timetable->zone().name(); }
};

// A router that subscribers come through.
struct Nas {
  int tenant = 0;
  std::string address;  // NAS-IP-Address
};

struct Subscriber {
  int tenant = 0;
  int nas = 0;
  Access access = Access::kHotspot;
  FeedKind feed = FeedKind::kUserSessions;
  std::string login;  // voucher or PPPoE user, without the realm
  std::string mac;
  std::string address;          // the one it is always given: of RFC 6598's range
  double bytes_per_second = 0;  // the mean while online
  double upload_share = 0.13;
};

class Population {
 public:
  explicit Population(const PopulationOptions& options);

  const PopulationOptions& options() const { return options_; }
  const std::vector<Tenant>& tenants() const { return tenants_; }
  const std::vector<Nas>& nases() const { return nases_; }
  const std::vector<Subscriber>& subscribers() const { return subscribers_; }
  const Tenant& tenant_of(const Subscriber& s) const {
    return tenants_[static_cast<size_t>(s.tenant)];
  }

  // What accounting calls the subscriber: voucher, else MAC address; with the realm in RADIUS.
  std::string AccountName(const Subscriber& subscriber) const;

  // The tenants as a table without these columns says it: UTC, and the first of the month.
  void ForgetZones();
  void ForgetBillingDays();

 private:
  Timetable& TimetableOf(const std::string& zone);
  void AddTenant(int index, int subscribers, double open);
  void AddSubscriber(int tenant, int index, Access access, FeedKind feed);

  PopulationOptions options_;
  std::map<std::string, std::unique_ptr<Timetable>> timetables_;  // by zone
  std::vector<Tenant> tenants_;
  std::vector<Nas> nases_;
  std::vector<Subscriber> subscribers_;
};

}  // namespace usage::sim
