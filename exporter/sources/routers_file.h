// Routers from a YAML file.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "config/config.h"
#include "core/strict_yaml.h"
#include "sources/router_list.h"

namespace usage {

// Reads the file anew each time. A fault in one router is that router's alone; one of the file as a
// whole is an exception with all faults, each with its line.
class RoutersFile : public RouterListSource {
 public:
  explicit RoutersFile(const RoutersConfig& config)
      : config_(config), folder_(std::filesystem::path(config.file).parent_path()) {}

  RouterList Read() override;

 private:
  RouterConfig ReadRouter(const YamlValue& value, const YamlFile& file) const;
  void ReadTls(const YamlValue& value, RouterConfig* router) const;
  void ReadAddress(const YamlValue& value, RouterConfig* router) const;
  void ReadCredentials(const YamlValue& value, const YamlFile& file, RouterConfig* router) const;

  const RoutersConfig config_;
  const std::filesystem::path folder_;
};

}  // namespace usage
