// What is asked of a router with RouterOS and what its rows say, by whatever protocol they come.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "core/router_reading.h"
#include "sources/routers/router_source.h"
#include "sources/routers/routeros_values.h"

namespace usage {

enum class OsTable : uint8_t {
  kHotspotActive,
  kPppoeInterface,  // the interfaces of PPPoE's sessions alone
  kQueue,
  kPppActive,
  kInterface,  // all of them, those of sessions too, with errors and drops
  kResource,
  kIdentity,
};

// One bulk read.
struct OsQuery {
  OsTable table;
  std::string_view menu;      // "/ip/hotspot/active"
  std::string_view only;      // "type=pppoe-in": rows with that value; "": all
  std::string_view proplist;  // "user,bytes-in": never all of them, of which some are slow
};

// In the order in which they are to be asked: the rows' tables first.
std::vector<OsQuery> QueriesOf(const RouterConfig& router, PollDepth depth);

// How the configuration calls the table that a query is for; "": it is always asked.
std::string_view ConfigName(OsTable table);

// A row's attributes in the order of the router, each at most once.
struct OsAttribute {
  std::string_view name, value;
};
using OsAttributes = std::vector<OsAttribute>;

// Most rows of a table that are taken: RouterOS has 65,535 sessions at best.
inline constexpr size_t kMostRouterRows = 100'000;

// Puts rows together to a reading.
class OsReading {
 public:
  explicit OsReading(const RouterConfig& router) : router_(router) {}  // borrowed

  void Take(OsTable table, const OsAttributes& attributes);
  // The whole table has come, at this time of our clock.
  void End(OsTable table, Instant at);
  // Once, after all of them.
  RouterReading Finish();

 private:
  // The sessions of a user, and what was made for them.
  struct PppUser {
    std::vector<RouterRow> sessions;
    std::vector<size_t> rows;  // of reading_.rows, of the table that is joined
  };
  using PppUsers = std::map<std::string, PppUser, std::less<>>;

  void TakeHotspot(const OsAttributes& attributes);
  void TakeInterface(OsTable table, const OsAttributes& attributes);
  void TakeQueue(const OsAttributes& attributes);
  void TakePpp(const OsAttributes& attributes);
  bool Wants(RouterTable table) const;
  bool IsUplink(const std::string& name) const;
  void JoinPpp(RouterTable table);

  const RouterConfig& router_;
  RouterOsValues values_;
  RouterReading reading_;
  PppUsers ppp_;
};

}  // namespace usage
