// The section `alerting`: Alertmanager and who is told, for usagectl. The exporter only checks it.
#pragma once

#include <filesystem>
#include <optional>

#include "config/config.h"
#include "core/strict_yaml.h"

namespace usage {

class AlertingReader {
 public:
  // `folder`: where relative file names start. They become absolute: Alertmanager reads some of
  // them from where it stands.
  explicit AlertingReader(const std::filesystem::path& folder)
      : folder_(std::filesystem::absolute(folder / ".").lexically_normal()) {}

  // None when the section is absent. Faults are noted in the file. `grafana`: where links lead
  // unless the section says so itself.
  std::optional<AlertingConfig> Read(const YamlValue& value,
                                     const std::optional<GrafanaConfig>& grafana) const;

 private:
  void ReadServer(YamlMap* map, AlertingConfig* alerting) const;
  std::optional<SmtpConfig> ReadSmtp(const YamlValue& value) const;
  std::optional<WatchdogConfig> ReadWatchdog(const YamlValue& value) const;
  std::vector<std::string> ReadTemplates(const YamlValue& value) const;
  void ReadContacts(YamlMap* map, AlertingConfig* alerting) const;
  AlertContact ReadContact(const YamlValue& value, bool of_operator) const;
  void ReadAddress(const YamlValue& value, YamlMap* map, AlertContact* contact) const;

  const std::filesystem::path folder_;
};

}  // namespace usage
