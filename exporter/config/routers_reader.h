// The section `routers`: where the list of routers is, and how they are polled.
#pragma once

#include <filesystem>

#include "config/config.h"
#include "core/strict_yaml.h"

namespace usage {

class RoutersReader {
 public:
  // `folder`: where relative file names start.
  explicit RoutersReader(const std::filesystem::path& folder) : folder_(folder) {}

  // All keys of the section but `database`, which is the caller's. Faults are noted in the file.
  RoutersConfig Read(YamlMap* map) const;

 private:
  void ReadDefaults(YamlMap* map, RoutersConfig* routers) const;
  void ReadCredentials(const YamlValue& value, RoutersConfig* routers) const;

  const std::filesystem::path folder_;
};

}  // namespace usage
