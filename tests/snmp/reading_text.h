// What was read of a router as lines.
#pragma once

#include <sstream>
#include <string>

#include "core/mac.h"
#include "core/router_reading.h"

namespace usage::testing {

template <typename T>
std::string Said(const std::optional<T>& value) {
  if (!value) return "-";
  std::ostringstream text;
  text << *value;
  return text.str();
}

inline std::string Said(const std::optional<Duration>& value) {
  return value ? std::to_string(value->count() / 1'000'000) + "s" : "-";
}

inline std::string TextOf(const RouterRow& row) {
  std::ostringstream text;
  text << RouterTableName(row.table) << " " << AccessName(row.access) << " user=" << row.user
       << " mac=" << (row.mac == 0 ? "-" : FormatMac(row.mac)) << " address=" << row.address
       << " uptime=" << Said(row.uptime) << " bytes=" << Said(row.upload) << "/"
       << Said(row.download) << " packets=" << Said(row.upload_packets) << "/"
       << Said(row.download_packets) << "\n";
  return text.str();
}

inline std::string TextOf(const RouterInterface& one) {
  std::ostringstream text;
  text << "interface " << one.name << " running=" << Said(one.running)
       << " bytes=" << Said(one.receive_bytes) << "/" << Said(one.transmit_bytes)
       << " errors=" << Said(one.receive_errors) << "/" << Said(one.transmit_errors)
       << " drops=" << Said(one.receive_drops) << "/" << Said(one.transmit_drops)
       << " link_downs=" << Said(one.link_downs) << "\n";
  return text.str();
}

inline std::string TextOf(const RouterFacts& facts) {
  std::ostringstream text;
  text << "facts identity=" << facts.identity << " version=" << facts.version
       << " board=" << facts.board << " uptime=" << Said(facts.uptime)
       << " cpu=" << Said(facts.cpu_load) << " memory=" << Said(facts.free_memory) << "/"
       << Said(facts.total_memory) << "\n";
  return text.str();
}

inline std::string TextOf(const RouterReading& reading) {
  std::string text;
  for (const RouterRow& row : reading.rows) text += TextOf(row);
  for (const RouterInterface& one : reading.interfaces) text += TextOf(one);
  text += TextOf(reading.facts);
  return text + "bad values=" + std::to_string(reading.bad_values) + "\n";
}

}  // namespace usage::testing
