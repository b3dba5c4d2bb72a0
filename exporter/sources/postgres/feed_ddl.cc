#include "sources/postgres/feed_ddl.h"

#include <array>
#include <variant>

namespace usage {
namespace {

constexpr std::array<const char*, 2> kEvents = {"insert", "update"};
// An identifier has room for 63 bytes.
constexpr size_t kLongestName = 40;

struct Feed {
  std::string table;        // schema.table, or without a schema
  std::string schemas_sql;  // or ""
  std::string key;          // of a row, as an expression
};

Feed FeedOf(const SourceConfig& config) {
  if (const auto* radacct = std::get_if<RadacctConfig>(&config.kind)) {
    const bool has_schemas = !radacct->schemas_sql.empty();
    return {radacct->table, radacct->schemas_sql,
            has_schemas ? "TG_TABLE_SCHEMA || '/' || c.acctuniqueid" : "c.acctuniqueid"};
  }
  return {std::get<UserSessionsConfig>(config.kind).table, "", "c.id::text"};
}

std::string BaseName(const SourceConfig& config) {
  return "usage_feed_" + config.name.substr(0, kLongestName);
}

// In the table's schema, where that is named.
std::string FunctionName(const SourceConfig& config, const Feed& feed) {
  const size_t dot = feed.table.find('.');
  const std::string schema = dot == std::string::npos ? "" : feed.table.substr(0, dot + 1);
  return schema + BaseName(config) + "()";
}

// Two triggers: one that has a table of what changed can't be for two events.
std::string TriggerDdl(const SourceConfig& config, const Feed& feed, const std::string& event,
                       const std::string& table) {
  const std::string trigger = BaseName(config) + "_" + event;
  return "DROP TRIGGER IF EXISTS " + trigger + " ON " + table + ";\n" +  //
         "CREATE TRIGGER " + trigger + " AFTER " + event + " ON " + table +
         " REFERENCING NEW TABLE AS changed\n  FOR EACH STATEMENT EXECUTE FUNCTION " +
         FunctionName(config, feed) + ";\n";
}

std::string TriggersOfSchemas(const SourceConfig& config, const Feed& feed) {
  std::string ddl =
      "-- Again when a schema is added.\n"
      "DO $each$\nDECLARE\n  name text;\nBEGIN\n"
      "  FOR name IN SELECT s.name FROM (" +
      feed.schemas_sql + ") s(name, tenant) LOOP\n    CONTINUE WHEN to_regclass(format('%I." +
      feed.table + "', name)) IS NULL;\n";
  for (const char* event : kEvents) {
    ddl += "    EXECUTE format($ddl$\n" + TriggerDdl(config, feed, event, "%1$I." + feed.table) +
           "$ddl$, name);\n";
  }
  return ddl + "  END LOOP;\nEND\n$each$;\n";
}

// The writer's transaction must not fail for it: not even when the queue of notifications, which
// is full when some listener stands still in a transaction, would make its commit fail.
std::string FunctionDdl(const SourceConfig& config, const Feed& feed) {
  return "CREATE OR REPLACE FUNCTION " + FunctionName(config, feed) +
         " RETURNS trigger LANGUAGE plpgsql AS $feed$\n"
         "DECLARE\n"
         "  keys text;\n"
         "BEGIN\n"
         "  IF pg_catalog.pg_notification_queue_usage() > 0.5 THEN\n"
         "    RETURN NULL;\n"
         "  END IF;\n"
         "  SELECT pg_catalog.string_agg(" +
         feed.key +
         ", E'\\n') INTO keys FROM (SELECT * FROM changed LIMIT 250) c;\n"
         "  IF pg_catalog.octet_length(keys) > 7900 THEN\n"
         "    keys := '" +
         kFeedMany +
         "';\n"
         "  END IF;\n"
         "  IF keys IS NOT NULL THEN\n"
         "    PERFORM pg_catalog.pg_notify('" +
         config.notify_channel +
         "', keys);\n"
         "  END IF;\n"
         "  RETURN NULL;\n"
         "EXCEPTION WHEN OTHERS THEN\n"
         "  RETURN NULL;\n"
         "END\n"
         "$feed$;\n";
}

std::string Title(const SourceConfig& config, const Feed& feed, const char* what) {
  return "-- Source " + config.name + ": " + what + " on " + feed.table + " in " +
         config.database.display + "\n";
}

}  // namespace

std::string FeedDdl(const SourceConfig& config) {
  const Feed feed = FeedOf(config);
  std::string ddl = Title(config, feed, "a trigger that tells which rows have changed,");
  ddl += "BEGIN;\nSET LOCAL lock_timeout = '5s';\n" + FunctionDdl(config, feed);
  if (!feed.schemas_sql.empty()) return ddl + TriggersOfSchemas(config, feed) + "COMMIT;\n";
  for (const char* event : kEvents) ddl += TriggerDdl(config, feed, event, feed.table);
  return ddl + "COMMIT;\n";
}

std::string FeedDropDdl(const SourceConfig& config) {
  const Feed feed = FeedOf(config);
  return Title(config, feed, "takes away the trigger") + "DROP FUNCTION IF EXISTS " +
         FunctionName(config, feed) + " CASCADE;\n";
}

}  // namespace usage
