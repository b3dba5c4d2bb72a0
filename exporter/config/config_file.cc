#include "config/config_file.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <type_traits>
#include <utility>

#include "config/alerting_reader.h"
#include "config/database_reader.h"
#include "config/doctor_reader.h"
#include "config/grafana_reader.h"
#include "config/routers_reader.h"
#include "config/section_values.h"
#include "config/sql_check.h"
#include "config/user_sessions_reader.h"
#include "config/write_back_reader.h"
#include "core/strict_yaml.h"
#include "core/units.h"

namespace usage {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr hours kDay(24);

std::string SourceNameFault(const std::string& name) {
  bool good = name.size() <= 63 && std::islower(static_cast<unsigned char>(name[0])) != 0 &&
              name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
  return good ? "" : "must be lower-case letters, digits and '_', a letter first, 63 at most";
}

// Reads the sections one after the other; faults gather in the file.
class ConfigReader {
 public:
  explicit ConfigReader(YamlFile* file)
      : file_(file),
        folder_(std::filesystem::path(file->name()).parent_path()),
        databases_(file->name()) {}

  Config Read() {
    YamlMap root(file_->root());
    YamlValue database = root["database"];
    default_database_ = databases_.Read(database);
    ReadSources(root.Required("sources", "name at least one, with its type"));
    ReadTenants(root["tenants"]);
    ReadAlertThresholds(root["alerts"], &config_.tenants.default_alerts);
    ReadLedger(root["ledger"]);
    ReadStorage(root["storage"]);
    ReadRouters(root["routers"]);
    config_.grafana = GrafanaReader(folder_).Read(root["grafana"]);
    config_.alerting = AlertingReader(folder_).Read(root["alerting"], config_.grafana);
    config_.doctor = DoctorReader(folder_).Read(root["doctor"]);
    if (!database.present() && root.is_map() && !homeless_.empty()) {
      database.Fail("is missing, and without a database of their own are" + homeless_ +
                    "; write 'database: {dsn: …}' at the top of the file, or in each of them");
    }
    config_.warnings = file_->warnings();
    return config_;
  }

 private:
  // The section's own database or the file's.
  void ReadDatabase(const YamlValue& own, const YamlValue& section, DatabaseConfig* out) {
    std::optional<DatabaseConfig> database = databases_.Read(own);
    if (!own.present()) database = default_database_;
    if (database) *out = *database;
    if (!own.present()) homeless_ += (homeless_.empty() ? " " : ", ") + section.path();
  }

  void ReadSources(const YamlValue& value) {
    std::vector<YamlValue> items = value.Items();
    if (value.is_list() && items.empty()) value.Fail("is empty; name at least one source");
    for (const YamlValue& item : items) ReadSource(item);
  }

  void ReadSource(const YamlValue& value) {
    YamlMap map(value);
    SourceConfig source;
    std::string type;
    YamlValue type_value = map.Required("type", "write user_sessions or radacct");
    type_value.ReadWord<std::string>(&type,
                                     {{"user_sessions", "user_sessions"}, {"radacct", "radacct"}});
    YamlValue name = map["name"];
    source.name = type;
    ReadChecked(name, SourceNameFault, &source.name);
    CheckUnique(name.present() ? name : value, source.name);
    ReadDatabase(map["database"], value, &source.database);
    ReadCycle(&map, &source);
    ReadNotify(&map, &source);
    if (type == "radacct") {
      source.kind = ReadRadacct(&map);
    } else if (type == "user_sessions") {
      source.kind = ReadUserSessions(&map);
    } else {
      KnowAllKinds(&map);
    }
    CheckReadTwice(value, source);
    config_.sources.push_back(std::move(source));
  }

  // Of a source without a good type no key is wrong.
  void KnowAllKinds(YamlMap* map) {
    for (const char* key : {"table", "time_zone", "access_sql", "subscriber_sql", "open_statuses",
                            "used_only", "schemas_sql", "tenant_sql"}) {
      (*map)[key];
    }
  }

  void CheckUnique(const YamlValue& value, const std::string& name) {
    if (name.empty()) return;
    auto [first, is_new] = lines_by_name_.try_emplace(name, value.line());
    if (is_new) return;
    value.Fail("the name '" + name + "' is taken by the source in line " +
               std::to_string(first->second) + "; give this one another 'name'");
  }

  static void ReadCycle(YamlMap* map, SourceConfig* source) {
    (*map)["interval"].ReadDuration(&source->interval, seconds(1), minutes(10));
    source->timeout = source->interval * 4 / 5;
    YamlValue timeout = (*map)["timeout"];
    timeout.ReadDuration(&source->timeout, milliseconds(100), minutes(10));
    if (source->timeout >= source->interval) {
      timeout.Warn("is not below the interval of " + FormatDuration(source->interval) +
                   ": a slow reading makes cycles be left out");
    }
  }

  // A channel's name has room for 63 bytes.
  static void ReadNotify(YamlMap* map, SourceConfig* source) {
    YamlValue notify = (*map)["notify"], channel = (*map)["notify_channel"];
    notify.Read(&source->notify);
    source->notify_channel = ("usage_" + source->name).substr(0, 63);
    ReadChecked(channel, IdentifierFault, &source->notify_channel);
    if (channel.present() && !source->notify) {
      channel.Fail("has no effect without 'notify: true'; write that beside it, or take this out");
    }
  }

  static RadacctConfig ReadRadacct(YamlMap* map) {
    RadacctConfig config;
    YamlValue table = (*map)["table"];
    ReadChecked(table, TableNameFault, &config.table);
    YamlValue schemas = (*map)["schemas_sql"];
    ReadChecked(schemas, SqlQueryFault, &config.schemas_sql);
    YamlValue tenant = (*map)["tenant_sql"];
    ReadChecked(tenant, SqlExpressionFault, &config.tenant_sql);
    ReadChecked((*map)["access_sql"], SqlExpressionFault, &config.access_sql);
    ReadChecked((*map)["subscriber_sql"], SqlExpressionFault, &config.subscriber_sql);
    if (!schemas.present()) return config;
    if (tenant.present()) {
      tenant.Fail("has no effect beside schemas_sql, which gives the tenant; take one of them out");
    }
    if (config.table.find('.') != std::string::npos) {
      table.Fail("must have no schema beside schemas_sql, which gives it");
    }
    return config;
  }

  // Two readers of one table would count its bytes twice. Rows of different schemas or servers
  // have different tables, so only the same table of the same database is meant.
  void CheckReadTwice(const YamlValue& value, const SourceConfig& source) {
    auto table = [](const SourceConfig& s) {
      return std::visit([](const auto& kind) { return kind.table; }, s.kind);
    };
    for (const SourceConfig& other : config_.sources) {
      if (other.database.dsn.empty() || other.database != source.database) continue;
      if (table(other) != table(source) || other.kind.index() != source.kind.index()) continue;
      value.Warn("reads the same table as the source '" + other.name +
                 "': its bytes would be counted twice");
    }
  }

  void ReadTenants(const YamlValue& value) {
    YamlMap map(value);
    TenantsConfig& tenants = config_.tenants;
    ReadListPlace(&map, "tenants", folder_, {&tenants.table, &tenants.sql, &tenants.file});
    ReadListDatabase(&map, value, tenants.file.empty(), &tenants.database);
    map["refresh"].ReadDuration(&tenants.refresh, seconds(1), kDay);
    map["keep_for"].ReadDuration(&tenants.keep_for, seconds(0), 366 * kDay);
    ReadChecked(map["default_time_zone"], ZoneFault, &tenants.default_time_zone);
    map["default_billing_day"].Read(&tenants.default_billing_day, 1, 31);
  }

  // Of a list in a table or a query; a file has none.
  void ReadListDatabase(YamlMap* map, const YamlValue& section, bool has_database,
                        DatabaseConfig* out) {
    const YamlValue database = (*map)["database"];
    if (has_database) return ReadDatabase(database, section, out);
    databases_.Read(database);
    if (database.present()) database.Fail("has no effect beside 'file'; take one of them out");
  }

  void ReadRouters(const YamlValue& value) {
    YamlMap map(value);
    RoutersConfig routers = RoutersReader(folder_).Read(&map);
    routers.write_back =
        ReadWriteBack(map["write_back"], databases_, config_.sources, lines_by_name_);
    ReadListDatabase(&map, value, value.present() && routers.file.empty(), &routers.database);
    if (value.present()) config_.routers = std::move(routers);
  }

  void ReadLedger(const YamlValue& value) {
    YamlMap map(value);
    LedgerConfig& ledger = config_.ledger;
    map["line_rate"].ReadBitRate(&ledger.line_bits_per_second, 1'000'000, 100'000'000'000'000);
    map["day_closes_after"].ReadDuration(&ledger.day_closes_after, seconds(0), kDay);
    YamlValue stale_after = map["stale_after"];
    stale_after.ReadDuration(&ledger.stale_after, minutes(1), 7 * kDay);
    WarnOfEarlyStaleness(stale_after);
    map["top_subscribers"].Read(&ledger.top_subscribers, 0, 1000);
  }

  // RFC 2869 5.16: interim updates at least 60 s apart, better 600 s.
  void WarnOfEarlyStaleness(const YamlValue& value) {
    bool radius = std::any_of(config_.sources.begin(), config_.sources.end(), [](const auto& s) {
      return std::holds_alternative<RadacctConfig>(s.kind);
    });
    if (radius && value.present() && config_.ledger.stale_after < minutes(10)) {
      value.Warn(
          "is short for RADIUS, whose interim updates are up to 10 minutes apart: sessions "
          "in good order would be shown as stale");
    }
  }

  void ReadStorage(const YamlValue& value) {
    YamlMap map(value);
    StorageConfig& storage = config_.storage;
    ReadDatabase(map["database"], value, &storage.database);
    YamlValue schema = map["schema"];
    ReadChecked(schema, IdentifierFault, &storage.schema);
    if (storage.schema.starts_with("pg_") || storage.schema == "information_schema") {
      schema.Fail("is PostgreSQL's own; take another name, such as usage");
    }
    if (storage.schema == "public") {
      schema.Warn("is shared with other programs; a schema of its own is safer, such as usage");
    }
    map["fold_interval"].ReadDuration(&storage.fold_interval, seconds(1), hours(1));
    map["timeout"].ReadDuration(&storage.timeout, seconds(1), minutes(10));
  }

  YamlFile* const file_;
  const std::filesystem::path folder_;
  const DatabaseReader databases_;
  std::optional<DatabaseConfig> default_database_;
  std::string homeless_;  // sections that need it
  std::map<std::string, int> lines_by_name_;
  Config config_;
};

}  // namespace

Expected<Config> LoadConfig(const std::string& path) {
  YamlFile file = YamlFile::Load(path);
  if (!file.ok()) return Error{file.faults()};
  Config config = ConfigReader(&file).Read();
  if (!file.ok()) return Error{file.faults()};
  return config;
}

std::set<std::string> KnownConfigKeys() {
  // The reader asks for every key that it knows, of each type of source and of credentials.
  YamlFile file = YamlFile::Parse("",
                                  "sources: [{type: user_sessions}, {type: radacct}]\n"
                                  "routers: {credentials: {default: {}}}");
  ConfigReader(&file).Read();
  return file.known_keys();
}

}  // namespace usage
