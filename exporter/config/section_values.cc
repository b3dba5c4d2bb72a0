#include "config/section_values.h"

#include "config/sql_check.h"

namespace usage {

void ReadUrl(const YamlValue& value, const std::string& remedy, HttpUrl* out) {
  std::string text;
  value.Read(&text);
  if (text.empty()) return;
  const Expected<HttpUrl> url = ParseHttpUrl(text);
  if (!url) return value.Fail(url.error() + "; " + remedy);
  *out = *url;
}

void ReadQuery(const YamlValue& value, std::string* out) {
  std::string sql;
  value.Read(&sql);
  if (sql.empty()) return;
  const std::string fault = SqlQueryFault(sql);
  if (!fault.empty()) return value.Fail(fault);
  *out = sql;
}

std::string ReadPath(const YamlValue& value, const std::filesystem::path& folder,
                     const std::string& otherwise) {
  std::string name = otherwise;
  value.Read(&name);
  return name.empty() ? "" : (folder / name).string();
}

}  // namespace usage
