// The section `grafana`: where Grafana is, for usage_exporter and usagectl.
#pragma once

#include <filesystem>
#include <optional>

#include "config/config.h"
#include "core/strict_yaml.h"

namespace usage {

class GrafanaReader {
 public:
  // `folder`: where relative file names start.
  explicit GrafanaReader(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // None when the section is absent. Faults are noted in the file.
  std::optional<GrafanaConfig> Read(const YamlValue& value) const;

 private:
  std::optional<OrgsConfig> ReadOrgs(const YamlValue& value) const;
  std::string ReadFile(const YamlValue& value) const;

  const std::filesystem::path folder_;
};

}  // namespace usage
