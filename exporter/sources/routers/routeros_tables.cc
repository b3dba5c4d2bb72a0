#include "sources/routers/routeros_tables.h"

#include <algorithm>
#include <span>
#include <utility>

#include "sources/routers/subscriber_name.h"

namespace usage {
namespace {

// An attribute that is asked for, and where its value goes. What is not in a table's list is not
// asked, and where a router says it all the same it is passed over.
template <typename Row>
struct Column {
  std::string_view name;
  void (*set)(Row& row, std::string_view text, RouterOsValues& values);
};

struct InterfaceRow {
  RouterInterface port;
  bool is_disabled = false;
  std::optional<uint64_t> receive_packets, transmit_packets;
};

struct QueueRow {
  std::string name;
  RouterRow row;
};

struct PppRow {
  std::string service;
  std::string caller;  // of PPPoE a MAC, of L2TP an address
  RouterRow row;
};

using Values = RouterOsValues;
using Text = std::string_view;

constexpr Column<RouterRow> kHotspotColumns[] = {
    {"user", [](RouterRow& r, Text t, Values& v) { v.Text(t, &r.user); }},
    {"mac-address", [](RouterRow& r, Text t, Values& v) { v.Mac(t, &r.mac); }},
    {"address", [](RouterRow& r, Text t, Values& v) { v.Address(t, &r.address); }},
    {"uptime", [](RouterRow& r, Text t, Values& v) { v.Time(t, &r.uptime); }},
    {"bytes-in", [](RouterRow& r, Text t, Values& v) { v.Number(t, &r.upload); }},
    {"bytes-out", [](RouterRow& r, Text t, Values& v) { v.Number(t, &r.download); }},
    {"packets-in", [](RouterRow& r, Text t, Values& v) { v.Number(t, &r.upload_packets); }},
    {"packets-out", [](RouterRow& r, Text t, Values& v) { v.Number(t, &r.download_packets); }},
};

// The first five are all that a session's interface is asked for.
constexpr size_t kSessionColumns = 5;
constexpr Column<InterfaceRow> kInterfaceColumns[] = {
    {"name", [](InterfaceRow& r, Text t, Values& v) { v.Text(t, &r.port.name); }},
    {"rx-byte", [](InterfaceRow& r, Text t, Values& v) { v.Number(t, &r.port.receive_bytes); }},
    {"tx-byte", [](InterfaceRow& r, Text t, Values& v) { v.Number(t, &r.port.transmit_bytes); }},
    {"rx-packet", [](InterfaceRow& r, Text t, Values& v) { v.Number(t, &r.receive_packets); }},
    {"tx-packet", [](InterfaceRow& r, Text t, Values& v) { v.Number(t, &r.transmit_packets); }},
    {"running", [](InterfaceRow& r, Text t, Values& v) { v.Bool(t, &r.port.running); }},
    {"disabled",
     [](InterfaceRow& r, Text t, Values& v) {
       std::optional<bool> disabled;
       v.Bool(t, &disabled);
       r.is_disabled = disabled.value_or(false);
     }},
    {"rx-error", [](InterfaceRow& r, Text t, Values& v) { v.Number(t, &r.port.receive_errors); }},
    {"tx-error", [](InterfaceRow& r, Text t, Values& v) { v.Number(t, &r.port.transmit_errors); }},
    {"rx-drop", [](InterfaceRow& r, Text t, Values& v) { v.Number(t, &r.port.receive_drops); }},
    {"tx-drop", [](InterfaceRow& r, Text t, Values& v) { v.Number(t, &r.port.transmit_drops); }},
    {"link-downs", [](InterfaceRow& r, Text t, Values& v) { v.Number(t, &r.port.link_downs); }},
};

constexpr Column<QueueRow> kQueueColumns[] = {
    {"name", [](QueueRow& r, Text t, Values& v) { v.Text(t, &r.name); }},
    {"target", [](QueueRow& r, Text t, Values& v) { v.Address(t, &r.row.address); }},
    {"bytes", [](QueueRow& r, Text t, Values& v) { v.Pair(t, &r.row.upload, &r.row.download); }},
    {"packets", [](QueueRow& r, Text t,
                   Values& v) { v.Pair(t, &r.row.upload_packets, &r.row.download_packets); }},
};

// RouterOS writes 0x81500001 for the Acct-Session-Id 81500001.
void SetSessionId(std::string_view text, const RouterOsValues& values, std::string* id) {
  if (text.starts_with("0x")) text.remove_prefix(2);
  values.Text(text, id);
}

constexpr Column<PppRow> kPppColumns[] = {
    {"name", [](PppRow& r, Text t, Values& v) { v.Text(t, &r.row.user); }},
    {"service", [](PppRow& r, Text t, Values& v) { v.Text(t, &r.service); }},
    {"caller-id", [](PppRow& r, Text t, Values& v) { v.Text(t, &r.caller); }},
    {"address", [](PppRow& r, Text t, Values& v) { v.Address(t, &r.row.address); }},
    {"uptime", [](PppRow& r, Text t, Values& v) { v.Time(t, &r.row.uptime); }},
    {"session-id", [](PppRow& r, Text t, Values& v) { SetSessionId(t, v, &r.row.session_id); }},
};

constexpr Column<RouterFacts> kResourceColumns[] = {
    {"uptime", [](RouterFacts& f, Text t, Values& v) { v.Time(t, &f.uptime); }},
    {"version", [](RouterFacts& f, Text t, Values& v) { v.Text(t, &f.version); }},
    {"cpu-load", [](RouterFacts& f, Text t, Values& v) { v.Percent(t, &f.cpu_load); }},
    {"free-memory", [](RouterFacts& f, Text t, Values& v) { v.Number(t, &f.free_memory); }},
    {"total-memory", [](RouterFacts& f, Text t, Values& v) { v.Number(t, &f.total_memory); }},
    {"board-name", [](RouterFacts& f, Text t, Values& v) { v.Text(t, &f.board); }},
};

constexpr Column<RouterFacts> kIdentityColumns[] = {
    {"name", [](RouterFacts& f, Text t, Values& v) { v.Text(t, &f.identity); }},
};

template <typename Row>
using Columns = std::span<const Column<Row>>;

template <typename Row>
void Fill(Columns<Row> columns, const OsAttributes& attributes, RouterOsValues& values, Row* row) {
  for (const auto& [name, value] : attributes) {
    for (const Column<Row>& column : columns) {
      if (column.name != name) continue;
      column.set(*row, value, values);
      break;
    }
  }
}

template <typename Row>
std::string Proplist(Columns<Row> columns) {
  std::string names;
  for (const Column<Row>& column : columns) {
    names += (names.empty() ? "" : ",") + std::string(column.name);
  }
  return names;
}

const Columns<InterfaceRow> kAllInterfaceColumns = kInterfaceColumns;

RouterRow SessionOf(const InterfaceRow& interface, const SubscriberName& name) {
  RouterRow row;
  row.table = RouterTable::kPppoeInterface;
  row.access = Access::kPppoe;
  row.user = name.user;
  row.upload = interface.port.receive_bytes;
  row.download = interface.port.transmit_bytes;
  row.upload_packets = interface.receive_packets;
  row.download_packets = interface.transmit_packets;
  return row;
}

// By OsTable.
const OsQuery& QueryOf(OsTable table) {
  static const std::string hotspot = Proplist<RouterRow>(kHotspotColumns);
  static const std::string session = Proplist(kAllInterfaceColumns.first(kSessionColumns));
  static const std::string queue = Proplist<QueueRow>(kQueueColumns);
  static const std::string ppp = Proplist<PppRow>(kPppColumns);
  static const std::string interface = Proplist(kAllInterfaceColumns);
  static const std::string resource = Proplist<RouterFacts>(kResourceColumns);
  static const std::string identity = Proplist<RouterFacts>(kIdentityColumns);
  static const OsQuery queries[] = {
      {OsTable::kHotspotActive, "/ip/hotspot/active", "", hotspot},
      {OsTable::kPppoeInterface, "/interface", "type=pppoe-in", session},
      {OsTable::kQueue, "/queue/simple", "", queue},
      {OsTable::kPppActive, "/ppp/active", "", ppp},
      {OsTable::kInterface, "/interface", "", interface},
      {OsTable::kResource, "/system/resource", "", resource},
      {OsTable::kIdentity, "/system/identity", "", identity},
  };
  return queries[static_cast<size_t>(table)];
}

bool Has(const RouterConfig& router, RouterTable table) {
  return std::find(router.tables.begin(), router.tables.end(), table) != router.tables.end();
}

bool IsOfRows(OsTable table) { return table < OsTable::kResource; }

}  // namespace

std::vector<OsQuery> QueriesOf(const RouterConfig& router, PollDepth depth) {
  const bool is_all = depth == PollDepth::kAll;
  const bool has_pppoe = Has(router, RouterTable::kPppoeInterface);
  const std::pair<OsTable, bool> wanted[] = {
      {OsTable::kHotspotActive, Has(router, RouterTable::kHotspotActive)},
      // Where all interfaces are asked, those of sessions are among them.
      {OsTable::kPppoeInterface, has_pppoe && !is_all},
      {OsTable::kInterface, is_all},
      {OsTable::kQueue, Has(router, RouterTable::kQueue)},
      {OsTable::kPppActive, has_pppoe || Has(router, RouterTable::kQueue)},
      {OsTable::kResource, is_all},
      {OsTable::kIdentity, is_all},
  };
  std::vector<OsQuery> queries;
  for (const auto& [table, is_wanted] : wanted) {
    if (is_wanted) queries.push_back(QueryOf(table));
  }
  return queries;
}

std::string_view ConfigName(OsTable table) {
  switch (table) {
    case OsTable::kHotspotActive:
      return RouterTableName(RouterTable::kHotspotActive);
    case OsTable::kPppoeInterface:
      return RouterTableName(RouterTable::kPppoeInterface);
    case OsTable::kQueue:
      return RouterTableName(RouterTable::kQueue);
    default:
      return "";
  }
}

bool OsReading::Wants(RouterTable table) const { return Has(router_, table); }

bool OsReading::IsUplink(const std::string& name) const {
  if (router_.uplinks.empty()) return !name.empty() && !IsDynamicName(name);
  return std::find(router_.uplinks.begin(), router_.uplinks.end(), name) != router_.uplinks.end();
}

void OsReading::Take(OsTable table, const OsAttributes& attributes) {
  switch (table) {
    case OsTable::kHotspotActive:
      return TakeHotspot(attributes);
    case OsTable::kPppoeInterface:
    case OsTable::kInterface:
      return TakeInterface(table, attributes);
    case OsTable::kQueue:
      return TakeQueue(attributes);
    case OsTable::kPppActive:
      return TakePpp(attributes);
    case OsTable::kResource:
      return Fill<RouterFacts>(kResourceColumns, attributes, values_, &reading_.facts);
    case OsTable::kIdentity:
      return Fill<RouterFacts>(kIdentityColumns, attributes, values_, &reading_.facts);
  }
}

void OsReading::TakeHotspot(const OsAttributes& attributes) {
  RouterRow row;
  row.table = RouterTable::kHotspotActive;
  row.access = Access::kHotspot;
  Fill<RouterRow>(kHotspotColumns, attributes, values_, &row);
  reading_.rows.push_back(std::move(row));
}

void OsReading::TakeInterface(OsTable table, const OsAttributes& attributes) {
  InterfaceRow made;
  Fill<InterfaceRow>(kInterfaceColumns, attributes, values_, &made);
  const auto name = ParseSubscriberName(made.port.name);
  if (name && name->access == Access::kPppoe) {
    if (!Wants(RouterTable::kPppoeInterface)) return;
    reading_.rows.push_back(SessionOf(made, *name));
    return;
  }
  if (table != OsTable::kInterface || !IsUplink(made.port.name)) return;
  if (made.is_disabled) made.port.running = false;
  reading_.interfaces.push_back(std::move(made.port));
}

void OsReading::TakeQueue(const OsAttributes& attributes) {
  QueueRow made;
  Fill<QueueRow>(kQueueColumns, attributes, values_, &made);
  const auto name = ParseSubscriberName(made.name);
  if (!name) return;
  made.row.table = RouterTable::kQueue;
  made.row.access = name->access;
  made.row.user = name->user;
  made.row.mac = name->mac;
  reading_.rows.push_back(std::move(made.row));
}

void OsReading::TakePpp(const OsAttributes& attributes) {
  PppRow made;
  Fill<PppRow>(kPppColumns, attributes, values_, &made);
  if (!made.service.empty() && made.service != "pppoe") return;
  values_.Mac(made.caller, &made.row.mac);
  ppp_[made.row.user].sessions.push_back(std::move(made.row));
}

void OsReading::End(OsTable table, Instant at) {
  if (IsOfRows(table)) reading_.at = std::max(reading_.at, at);
}

// Gives the rows of PPPoE what /ppp/active says of their sessions. Of a user who is on more than
// once nobody can tell which of the rows belongs to which of the sessions: these get the name
// alone.
void OsReading::JoinPpp(RouterTable table) {
  for (auto& [user, found] : ppp_) found.rows.clear();
  for (size_t i = 0; i < reading_.rows.size(); ++i) {
    const RouterRow& row = reading_.rows[i];
    if (row.table != table || row.access != Access::kPppoe) continue;
    auto found = ppp_.find(row.user);
    if (found == ppp_.end()) found = ppp_.find(WithoutSessionNumber(row.user));
    if (found != ppp_.end()) found->second.rows.push_back(i);
  }
  for (const auto& [user, found] : ppp_) {
    for (const size_t i : found.rows) reading_.rows[i].user = user;
    if (found.rows.size() != 1 || found.sessions.size() != 1) continue;
    RouterRow& row = reading_.rows[found.rows[0]];
    const RouterRow& session = found.sessions[0];
    row.mac = session.mac;
    row.session_id = session.session_id;
    row.uptime = session.uptime;
    if (!session.address.empty()) row.address = session.address;
  }
}

RouterReading OsReading::Finish() {
  JoinPpp(RouterTable::kPppoeInterface);
  JoinPpp(RouterTable::kQueue);
  reading_.bad_values = values_.bad();
  return std::move(reading_);
}

}  // namespace usage
