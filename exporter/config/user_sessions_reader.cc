#include "config/user_sessions_reader.h"

#include "config/section_values.h"
#include "config/sql_check.h"

namespace usage {
namespace {

std::string LowerTrimmed(const std::string& text) {
  size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return "";
  std::string result = text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

void ReadStatuses(const YamlValue& value, std::vector<std::string>* out) {
  if (value.is_list() && value.Items().empty()) {
    value.Fail("is empty, so no session would ever be open; name the statuses of open ones");
  }
  value.Read(out);
  for (std::string& status : *out) status = LowerTrimmed(status);
}

}  // namespace

UserSessionsConfig ReadSessionRows(YamlMap* map) {
  UserSessionsConfig config;
  ReadChecked((*map)["table"], TableNameFault, &config.table);
  ReadChecked((*map)["time_zone"], ZoneFault, &config.time_zone);
  ReadChecked((*map)["access_sql"], SqlExpressionFault, &config.access_sql);
  ReadStatuses((*map)["open_statuses"], &config.open_statuses);
  return config;
}

UserSessionsConfig ReadUserSessions(YamlMap* map) {
  UserSessionsConfig config = ReadSessionRows(map);
  ReadChecked((*map)["subscriber_sql"], SqlExpressionFault, &config.subscriber_sql);
  (*map)["used_only"].ReadWord(&config.used_only, {{"download", UsedOnly::kDownload},
                                                   {"upload", UsedOnly::kUpload},
                                                   {"ignore", UsedOnly::kIgnore}});
  return config;
}

}  // namespace usage
