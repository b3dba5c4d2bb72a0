#include "config/doctor_reader.h"

namespace usage {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::optional<HttpUrl> ReadUrl(const YamlValue& value, const std::string& example) {
  std::string text;
  value.Read(&text);
  if (text.empty()) return std::nullopt;
  const Expected<HttpUrl> url = ParseHttpUrl(text);
  if (url) return *url;
  value.Fail(url.error() + "; write it as " + example);
  return std::nullopt;
}

}  // namespace

DoctorConfig DoctorReader::Read(const YamlValue& value) const {
  YamlMap map(value);
  DoctorConfig doctor;
  doctor.exporter = ReadUrl(map["exporter_url"], "http://127.0.0.1:9812");
  doctor.gateway_metrics = ReadUrl(map["gateway_metrics_url"], "http://127.0.0.1:9814");
  doctor.prometheus = ReadUrl(map["prometheus_url"], "http://127.0.0.1:9090");
  doctor.ca_file = ReadPath(map["ca_file"]);
  map["user"].Read(&doctor.user);
  doctor.password_file = ReadPath(map["password_file"]);
  doctor.tokens_file = ReadPath(map["tokens_file"]);
  doctor.certificates = ReadPaths(map["certificates"]);
  doctor.disks = ReadPaths(map["disks"]);
  ReadBackup(map["backup"], &doctor);
  map["timeout"].ReadDuration(&doctor.timeout, seconds(1), minutes(2));
  return doctor;
}

void DoctorReader::ReadBackup(const YamlValue& value, DoctorConfig* doctor) const {
  YamlMap map(value);
  doctor->backup_pattern =
      ReadPath(map.Required("newest_of", "write a path such as /var/backups/usage/*.dump"));
  map["max_age"].ReadDuration(&doctor->backup_max_age, minutes(1), 366 * hours(24));
}

std::string DoctorReader::ReadPath(const YamlValue& value) const {
  std::string name;
  value.Read(&name);
  return name.empty() ? "" : (folder_ / name).string();
}

std::vector<std::string> DoctorReader::ReadPaths(const YamlValue& value) const {
  std::vector<std::string> names;
  value.Read(&names);
  for (std::string& name : names) name = (folder_ / name).string();
  return names;
}

}  // namespace usage
