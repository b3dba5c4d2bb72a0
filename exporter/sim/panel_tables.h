// The panel's tables: panel.sql.
#pragma once

namespace usage::sim {

extern const char* const kPanelTables;

}  // namespace usage::sim
