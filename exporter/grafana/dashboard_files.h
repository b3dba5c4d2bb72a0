// The dashboards that are put into orgs: JSON files, as Grafana is given them.
#pragma once

#include <string>
#include <vector>

#include "core/expected.h"

namespace usage::grafana {

struct DashboardFile {
  std::string uid;
  std::string title;
  std::string json;  // as the file has it
};

// The *.json of a folder, by name. An error names the file and what it lacks; a folder without any
// is one.
Expected<std::vector<DashboardFile>> ReadDashboards(const std::string& folder);

}  // namespace usage::grafana
