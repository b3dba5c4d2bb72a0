// What holds of every reading, whatever a router said.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "core/utf8.h"
#include "sources/routers/routeros_tables.h"

namespace usage {

inline void Require(bool claim, const char* what, std::string_view text) {
  if (claim) return;
  std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

inline void RequireText(std::string_view text) {
  for (size_t at = 0, size = 0; at < text.size(); at += size) {
    size = Utf8CharacterSize(text, at);
    Require(size > 0, "not UTF-8", text);
  }
}

inline void CheckReading(RouterReading reading) {
  for (const RouterRow& row : reading.rows) {
    for (const std::string& text : {row.user, row.address, row.session_id}) RequireText(text);
    Require(row.mac >> 48 == 0, "more than a MAC", row.user);
    Require(!row.uptime || row.uptime->count() >= 0, "a negative uptime", row.user);
  }
  for (const RouterInterface& port : reading.interfaces) {
    RequireText(port.name);
    Require(!port.name.empty() && !port.name.starts_with('<'), "no port", port.name);
  }
  RequireText(reading.facts.identity + reading.facts.version + reading.facts.board);
}

// A router of which everything is asked.
inline RouterConfig WholeRouter() {
  RouterConfig router;
  router.tables = {RouterTable::kHotspotActive, RouterTable::kPppoeInterface, RouterTable::kQueue};
  return router;
}

}  // namespace usage
