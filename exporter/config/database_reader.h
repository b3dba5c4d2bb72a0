// Where a database is: the map {dsn, password_file | password_env}, with its secrets.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "config/config.h"
#include "core/strict_yaml.h"

namespace usage {

class DatabaseReader {
 public:
  // `file_name`: of the configuration; password files are looked for in its folder.
  explicit DatabaseReader(const std::string& file_name);

  // None when the value is absent or faulty.
  std::optional<DatabaseConfig> Read(const YamlValue& value) const;

 private:
  std::string ReadPassword(YamlMap* map) const;
  void CheckOpenness(const YamlValue& dsn, const std::string& written) const;

  const std::filesystem::path folder_;
  const bool world_readable_;  // the configuration itself
};

}  // namespace usage
