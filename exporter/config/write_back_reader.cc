#include "config/write_back_reader.h"

#include "config/dsn.h"
#include "config/user_sessions_reader.h"

namespace usage {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

std::string WithoutSchema(const std::string& table) { return table.substr(table.rfind('.') + 1); }

// A name without a schema may be in any.
bool MayBeOneTable(const std::string& a, const std::string& b) {
  if (WithoutSchema(a) != WithoutSchema(b)) return false;
  return a == b || a.find('.') == std::string::npos || b.find('.') == std::string::npos;
}

bool ReadsIt(const SourceConfig& source, const WriteBackConfig& config) {
  const auto* rows = std::get_if<UserSessionsConfig>(&source.kind);
  return rows != nullptr && MayBeOneTable(rows->table, config.rows.table) &&
         MayBeOneDatabase(source.database.dsn, config.database.dsn);
}

void RefuseToReadBack(const YamlValue& value, const WriteBackConfig& config,
                      const std::vector<SourceConfig>& sources,
                      const std::map<std::string, int>& lines) {
  for (const SourceConfig& source : sources) {
    if (!ReadsIt(source, config)) continue;
    value.Fail("the source '" + source.name + "' in line " + std::to_string(lines.at(source.name)) +
               " reads the table " + config.rows.table +
               " that this writes, and would count it as accounting's word; take the source out "
               "(radacct can take its place), or write_back");
  }
}

// The file's own database is as a rule the reader's, which may not write.
void ReadRole(const YamlValue& value, const DatabaseReader& databases, DatabaseConfig* out) {
  if (const auto database = databases.Read(value)) *out = *database;
}

}  // namespace

std::optional<WriteBackConfig> ReadWriteBack(const YamlValue& value,
                                             const DatabaseReader& databases,
                                             const std::vector<SourceConfig>& sources,
                                             const std::map<std::string, int>& lines) {
  YamlMap map(value);
  WriteBackConfig config;
  ReadRole(map.Required("database",
                        "write the dsn of a role that may update the three columns only "
                        "(docs/grants.md)"),
           databases, &config.database);
  config.rows = ReadSessionRows(&map);
  config.rows.used_only = UsedOnly::kIgnore;
  map["interval"].ReadDuration(&config.interval, seconds(1), minutes(10));
  map["rows_per_batch"].Read(&config.rows_per_batch, 1, 10'000);
  map["pause"].ReadDuration(&config.pause, milliseconds(10), minutes(1));
  map["timeout"].ReadDuration(&config.timeout, milliseconds(100), minutes(1));
  if (!value.present()) return std::nullopt;
  RefuseToReadBack(value, config, sources, lines);
  return config;
}

}  // namespace usage
