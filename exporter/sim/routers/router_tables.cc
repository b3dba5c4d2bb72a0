#include "sim/routers/router_tables.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "core/mac.h"

namespace usage::sim {
namespace {

constexpr int kHugeRows = 20'000;

using std::to_string;

const char* YesNo(bool value) { return value ? "true" : "false"; }

std::string Id(unsigned number) {
  char text[16];
  std::snprintf(text, sizeof text, "*%X", number);
  return text;
}

std::string Pair(uint64_t upload, uint64_t download) {
  return to_string(upload) + "/" + to_string(download);
}

// Rows that nobody is behind, for tables that are larger than any reader expects.
std::string NobodyAddress(int number) {
  return "172." + to_string(16 + number / 65536) + "." + to_string(number / 256 % 256) + "." +
         to_string(number % 256);
}

class Printer {
 public:
  Printer(const ModelState& state, const TableStyle& style) : state_(state), style_(style) {}

  PrintedTable Interfaces() const {
    PrintedTable table;
    for (const RouterInterface& port : state_.uplinks) table.rows.push_back(Port(port, "ether"));
    if (style_.is_latin1) {
      RouterInterface kitchen{
          "K\xFC"
          "che",
          false,
          0,
          0,
          0,
          0,
          0,
          0,
          3};
      table.rows.push_back(Port(kitchen, "vlan"));
    }
    ForEach(Access::kPppoe, [&](const ModelSession& session, unsigned) {
      table.rows.push_back(PppoeInterface(session));
    });
    for (int i = 0; i < Nobodies(); ++i) {
      table.rows.push_back(Port({"vlan" + to_string(i), true, 0, 0, 0, 0, 0, 0, 0}, "vlan"));
    }
    Number(table);
    return table;
  }

  PrintedTable PppActive() const {
    PrintedTable table;
    ForEach(Access::kPppoe, [&](const ModelSession& session, unsigned number) {
      table.rows.push_back({{".id", Id(0x80000000U + number)},
                            {"name", session.user},
                            {"service", "pppoe"},
                            {"caller-id", FormatMac(session.mac)},
                            {"address", session.address},
                            {"uptime", Uptime(session.uptime)},
                            {"encoding", ""},
                            {"session-id", "0x" + session.session_id},
                            {"limit-bytes-in", "0"},
                            {"limit-bytes-out", "0"},
                            {"radius", "true"}});
    });
    return table;
  }

  PrintedTable HotspotActive() const {
    PrintedTable table;
    ForEach(Access::kHotspot, [&](const ModelSession& session, unsigned) {
      table.rows.push_back(HotspotUser(session));
    });
    if (style_.is_latin1) table.rows.push_back(HotspotUser(Nobody(0, "Andr\xE9")));
    for (int i = 1; i <= Nobodies(); ++i) {
      table.rows.push_back(HotspotUser(Nobody(i, "nobody" + to_string(i))));
    }
    Number(table);
    return table;
  }

  PrintedTable HotspotHosts() const {
    PrintedTable table;
    ForEach(Access::kHotspot, [&](const ModelSession& session, unsigned) {
      PrintedRow row = HotspotRow(session);
      row.push_back({"to-address", session.address});
      row.push_back({"authorized", "true"});
      table.rows.push_back(std::move(row));
    });
    Number(table);
    return table;
  }

  PrintedTable SimpleQueues() const {
    PrintedTable table;
    for (const ModelSession& session : state_.sessions) table.rows.push_back(Queue(session));
    Number(table);
    return table;
  }

  PrintedTable Resource() const {
    auto percent = static_cast<int>(state_.cpu_load * 100);
    return Single({{"uptime", Uptime(std::chrono::floor<std::chrono::seconds>(state_.uptime))},
                   {"version", state_.version},
                   {"free-memory", to_string(state_.free_memory)},
                   {"total-memory", to_string(state_.total_memory)},
                   {"cpu", "ARM64"},
                   {"cpu-count", "4"},
                   {"cpu-frequency", "1700"},
                   {"cpu-load", to_string(percent)},
                   {"architecture-name", "arm64"},
                   {"board-name", state_.board},
                   {"platform", "MikroTik"}});
  }

  // Names of tenants are UTF-8; an old Winbox writes what its Windows has.
  PrintedTable Identity() const {
    return Single({{"name", style_.is_latin1 ? "Z\xFCrich" : state_.identity}});
  }

  // Of no use to a reader, and here so that nothing tempts one: without a battery and NTP a router
  // counts from 1970 when it starts.
  PrintedTable Clock() const {
    Instant now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    if (style_.has_wrong_clock) now = Instant(state_.uptime);
    std::string text = FormatInstant(now);
    return Single({{"date", text.substr(0, 10)},
                   {"time", text.substr(11, 8)},
                   {"time-zone-name", "Etc/UTC"},
                   {"gmt-offset", "+00:00"}});
  }

 private:
  int Nobodies() const { return style_.is_huge ? kHugeRows : 0; }

  std::string Uptime(std::chrono::seconds uptime) const {
    return PrintDuration(uptime, style_.says_clock_times);
  }

  template <typename Action>
  void ForEach(Access access, Action action) const {
    unsigned number = 0;
    for (const ModelSession& session : state_.sessions) {
      if (session.access == access) action(session, ++number);
    }
  }

  static PrintedTable Single(PrintedRow row) { return {true, {std::move(row)}}; }

  static void Number(PrintedTable& table) {
    unsigned number = 0;
    for (PrintedRow& row : table.rows) row.insert(row.begin(), {".id", Id(++number)});
  }

  static ModelSession Nobody(int number, std::string user) {
    ModelSession session;
    session.user = std::move(user);
    session.mac = 0x020000000000 + static_cast<uint64_t>(number);
    session.address = NobodyAddress(number);
    return session;
  }

  static PrintedRow Port(const RouterInterface& port, const char* type) {
    auto number = [](const std::optional<uint64_t>& value) { return to_string(value.value_or(0)); };
    return {{"name", port.name},
            {"type", type},
            {"running", YesNo(port.running.value_or(false))},
            {"disabled", "false"},
            {"mtu", "1500"},
            {"rx-byte", number(port.receive_bytes)},
            {"tx-byte", number(port.transmit_bytes)},
            {"rx-error", number(port.receive_errors)},
            {"tx-error", number(port.transmit_errors)},
            {"rx-drop", number(port.receive_drops)},
            {"tx-drop", number(port.transmit_drops)},
            {"link-downs", number(port.link_downs)}};
  }

  static PrintedRow PppoeInterface(const ModelSession& session) {
    return {{"name", "<pppoe-" + session.user + ">"},
            {"type", "pppoe-in"},
            {"running", "true"},
            {"dynamic", "true"},
            {"disabled", "false"},
            {"mtu", "1480"},
            {"rx-byte", to_string(session.bytes.upload)},
            {"tx-byte", to_string(session.bytes.download)},
            {"rx-packet", to_string(session.upload_packets)},
            {"tx-packet", to_string(session.download_packets)},
            {"rx-error", "0"},
            {"tx-error", "0"},
            {"rx-drop", "0"},
            {"tx-drop", "0"},
            {"link-downs", "0"}};
  }

  PrintedRow HotspotUser(const ModelSession& session) const {
    PrintedRow row = HotspotRow(session);
    row.insert(row.begin() + 1, {"user", session.user});
    return row;
  }

  PrintedRow HotspotRow(const ModelSession& session) const {
    return {{"server", "hotspot1"},
            {"address", session.address},
            {"mac-address", FormatMac(session.mac)},
            {"login-by", "http-chap"},
            {"uptime", Uptime(session.uptime)},
            {"idle-time", Uptime(std::chrono::seconds(0))},
            {"bytes-in", to_string(session.bytes.upload)},
            {"bytes-out", to_string(session.bytes.download)},
            {"packets-in", to_string(session.upload_packets)},
            {"packets-out", to_string(session.download_packets)},
            {"radius", "true"}};
  }

  static PrintedRow Queue(const ModelSession& session) {
    bool is_pppoe = session.access == Access::kPppoe;
    std::string name = (is_pppoe ? "<pppoe-" : "<hotspot-") + session.user + ">";
    return {{"name", name},
            {"target", is_pppoe ? name : session.address + "/32"},
            {"max-limit", "5000000/20000000"},
            {"bytes", Pair(session.bytes.upload, session.bytes.download)},
            {"packets", Pair(session.upload_packets, session.download_packets)},
            {"dynamic", "true"},
            {"disabled", "false"}};
  }

  const ModelState& state_;
  const TableStyle& style_;
};

}  // namespace

TableStyle TableStyle::Of(const RouterFaults& faults, int router) {
  return {faults.has(RouterFault::kHuge), faults.has(RouterFault::kLatin1),
          faults.has(RouterFault::kClock), router % 2 == 1};
}

std::optional<PrintedTable> PrintTable(const std::string& path, const ModelState& state,
                                       const TableStyle& style) {
  using Print = PrintedTable (Printer::*)() const;
  static const std::map<std::string, Print> kTables = {
      {"/interface", &Printer::Interfaces},
      {"/ppp/active", &Printer::PppActive},
      {"/ip/hotspot/active", &Printer::HotspotActive},
      {"/ip/hotspot/host", &Printer::HotspotHosts},
      {"/queue/simple", &Printer::SimpleQueues},
      {"/system/resource", &Printer::Resource},
      {"/system/identity", &Printer::Identity},
      {"/system/clock", &Printer::Clock},
  };
  auto table = kTables.find(path);
  if (table == kTables.end()) return std::nullopt;
  return (Printer(state, style).*table->second)();
}

std::string PrintDuration(std::chrono::seconds duration, bool says_clock_times) {
  auto left = duration.count();
  auto take = [&](int64_t unit) {
    auto count = left / unit;
    left %= unit;
    return count;
  };
  std::string text;
  auto add = [&](int64_t count, char unit) {
    if (count > 0) text += to_string(count) + unit;
  };
  add(take(7 * 86400), 'w');
  add(take(86400), 'd');
  auto hours = take(3600), minutes = take(60);
  if (says_clock_times) {
    char clock[64];
    std::snprintf(clock, sizeof clock, "%02d:%02d:%02d", static_cast<int>(hours),
                  static_cast<int>(minutes), static_cast<int>(left));
    return text + clock;
  }
  add(hours, 'h');
  add(minutes, 'm');
  add(left, 's');
  return text.empty() ? "0s" : text;
}

}  // namespace usage::sim
