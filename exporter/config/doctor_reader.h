// The section `doctor`: what `usagectl doctor` and `usagectl status` look at.
#pragma once

#include <filesystem>

#include "config/config.h"
#include "core/strict_yaml.h"

namespace usage {

class DoctorReader {
 public:
  // `folder`: where relative file names start.
  explicit DoctorReader(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Faults are noted in the file. A file that is missing is none: that is for the doctor to find,
  // and the exporter must start without it.
  DoctorConfig Read(const YamlValue& value) const;

 private:
  std::string ReadPath(const YamlValue& value) const;
  std::vector<std::string> ReadPaths(const YamlValue& value) const;
  void ReadBackup(const YamlValue& value, DoctorConfig* doctor) const;

  const std::filesystem::path folder_;
};

}  // namespace usage
