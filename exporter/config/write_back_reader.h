// `write_back` of the section `routers`: which table of the panel gets the routers' counters.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "config/database_reader.h"
#include "core/strict_yaml.h"

namespace usage {

// None when the value is absent. A fault is noted where one of `sources` reads the same table: it
// would count as news what the exporter itself has written. `lines`: of each source, by its name.
std::optional<WriteBackConfig> ReadWriteBack(const YamlValue& value,
                                             const DatabaseReader& databases,
                                             const std::vector<SourceConfig>& sources,
                                             const std::map<std::string, int>& lines);

}  // namespace usage
