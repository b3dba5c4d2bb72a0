#include "config/section_values.h"

#include "config/secret.h"
#include "config/sql_check.h"
#include "core/zone.h"

namespace usage {
namespace {

void KeepOne(const std::vector<YamlValue>& values, const std::string& what) {
  bool found = false;
  for (const YamlValue& value : values) {
    if (!value.present()) continue;
    if (found) value.Fail(what + " come from one of table, sql and file; take the others out");
    found = true;
  }
}

std::string ReadListFile(const YamlValue& value, const std::filesystem::path& folder) {
  const std::string path = ReadPath(value, folder);
  std::error_code error;
  if (!path.empty() && !std::filesystem::is_regular_file(path, error)) {
    value.Fail(path +
               " is not there or not a file; check the path (a relative one "
               "starts at the folder of this file)");
  }
  return path;
}

}  // namespace

void ReadChecked(const YamlValue& value, std::string (*check)(const std::string&),
                 std::string* out) {
  std::string text;
  value.Read(&text);
  if (text.empty()) return;
  const std::string fault = check(text);
  if (!fault.empty()) return value.Fail(fault);
  *out = text;
}

void ReadListPlace(YamlMap* map, const std::string& what, const std::filesystem::path& folder,
                   ListPlace list) {
  const YamlValue table = (*map)["table"], sql = (*map)["sql"], file = (*map)["file"];
  KeepOne({table, sql, file}, what);
  ReadChecked(table, TableNameFault, list.table);
  ReadChecked(sql, SqlQueryFault, list.sql);
  *list.file = ReadListFile(file, folder);
  if (sql.present() || file.present()) list.table->clear();
}

std::string ZoneFault(const std::string& name) {
  bool is_name = name.find_first_not_of(
                     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                     "0123456789_+-/") == std::string::npos;
  bool known = is_name && Zone::Find(name) != nullptr;
  return known ? ""
               : "is not a time zone of the IANA database; write one such as Africa/Nairobi or "
                 "UTC ('timedatectl list-timezones' lists them)";
}

void ReadUrl(const YamlValue& value, const std::string& remedy, HttpUrl* out) {
  std::string text;
  value.Read(&text);
  if (text.empty()) return;
  const Expected<HttpUrl> url = ParseHttpUrl(text);
  if (!url) return value.Fail(url.error() + "; " + remedy);
  *out = *url;
}

void ReadQuery(const YamlValue& value, std::string* out) { ReadChecked(value, SqlQueryFault, out); }

std::string ReadPath(const YamlValue& value, const std::filesystem::path& folder,
                     const std::string& otherwise) {
  std::string name = otherwise;
  value.Read(&name);
  return name.empty() ? "" : (folder / name).string();
}

SecretPlace ReadSecretPlace(YamlMap* map, const std::string& name,
                            const std::filesystem::path& folder) {
  const YamlValue file = (*map)[name + "_file"], variable = (*map)[name + "_env"];
  SecretPlace place;
  if (file.present() && variable.present()) {
    variable.Fail("stands beside " + name + "_file; keep one of them");
    return place;
  }
  place.file = ReadPath(file, folder);
  variable.Read(&place.variable);
  if (place.empty()) return place;
  const YamlValue& value = file.present() ? file : variable;
  if (const auto secret = ReadSecret(place); !secret) value.Fail(secret.error());
  if (IsWorldReadable(place.file)) {
    file.Warn(place.file + " can be read by everybody; take that right away (chmod o-r)");
  }
  return place;
}

}  // namespace usage
