// What a router says at one moment. Router sources make these, the join puts them to sessions;
// neither knows the other. What a router does not say has no value: never a default, never a zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/types.h"

namespace usage {

struct RouterId {
  std::string name;    // unique
  std::string tenant;  // "": several tenants'

  friend bool operator==(const RouterId&, const RouterId&) = default;
};

// Where a row's bytes were counted. An interface's counter has the PPP or VLAN headers in it, and a
// queue misses what was fasttracked, so the same bytes differ by the place.
enum class RouterTable : uint8_t { kHotspotActive, kPppoeInterface, kQueue };

// "hotspot_active", "pppoe_interface", "queue".
constexpr std::string_view RouterTableName(RouterTable table) {
  constexpr std::string_view kNames[] = {"hotspot_active", "pppoe_interface", "queue"};
  return kNames[static_cast<size_t>(table)];
}

// One subscriber's session as the router counts it. Texts are valid UTF-8.
struct RouterRow {
  RouterTable table = RouterTable::kHotspotActive;
  Access access = Access::kHotspot;
  std::string user;                          // "": not said
  uint64_t mac = 0;                          // 48 bits (core/mac.h); 0: not said
  std::string address;                       // IPv4 or IPv6 as text; "": not said
  std::string session_id;                    // Acct-Session-Id; "": not said
  std::optional<Duration> uptime;            // of the session
  std::optional<uint64_t> upload, download;  // bytes since the session began
  std::optional<uint64_t> upload_packets, download_packets;

  friend bool operator==(const RouterRow&, const RouterRow&) = default;
};

// An uplink or port.
struct RouterInterface {
  std::string name;
  std::optional<bool> running;
  std::optional<uint64_t> receive_bytes, transmit_bytes;
  std::optional<uint64_t> receive_errors, transmit_errors, receive_drops, transmit_drops;
  std::optional<uint64_t> link_downs;

  friend bool operator==(const RouterInterface&, const RouterInterface&) = default;
};

struct RouterFacts {
  std::string identity, version, board;  // "": not said
  std::optional<Duration> uptime;
  std::optional<double> cpu_load;                     // 0 to 1
  std::optional<uint64_t> free_memory, total_memory;  // bytes

  friend bool operator==(const RouterFacts&, const RouterFacts&) = default;
};

struct RouterReading {
  Instant at;  // our clock when the rows' table was answered: the router's own may be wrong
  std::vector<RouterRow> rows;
  std::vector<RouterInterface> interfaces;
  RouterFacts facts;
  uint64_t bad_values = 0;  // fields that could not be read, and were taken for not said
};

}  // namespace usage
