// The configuration after it has been checked: what the rest of the program is built from.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/alert_thresholds.h"
#include "core/http_url.h"
#include "core/router_reading.h"
#include "core/types.h"

namespace usage {

// How to reach a PostgreSQL database.
struct DatabaseConfig {
  std::string dsn;       // libpq keywords or URI, without the password when it came from a file
  std::string password;  // from password_file or password_env; never printed
  // host:port/dbname as user, for logs and errors: no password, whatever form the DSN has.
  std::string display;

  friend bool operator==(const DatabaseConfig&, const DatabaseConfig&) = default;
};

// Which direction the bytes are booked on when a writer fills only data_used.
enum class UsedOnly { kDownload, kUpload, kIgnore };

// The panel's table `user_sessions`, as it is. The *_sql are SQL expressions over its columns,
// which the table's alias `s` may qualify.
struct UserSessionsConfig {
  std::string table = "user_sessions";  // may have a schema
  std::string time_zone = "UTC";        // of its timestamps without time zone
  std::string access_sql =
      "CASE WHEN nullif(btrim(s.voucher), '') IS NOT NULL THEN 'hotspot' ELSE 'pppoe' END";
  std::string subscriber_sql = "coalesce(nullif(btrim(s.voucher), ''), s.mac_address)";
  std::vector<std::string> open_statuses = {"active"};  // compared trimmed, in lower case
  UsedOnly used_only = UsedOnly::kDownload;
  bool with_whereabouts = false;  // for the routers; not a setting

  friend bool operator==(const UserSessionsConfig&, const UserSessionsConfig&) = default;
};

// FreeRADIUS's table `radacct`.
struct RadacctConfig {
  std::string table = "radacct";
  // A query of (schema, tenant id) rows: one radacct in each schema; tenant_sql is not used then.
  std::string schemas_sql;
  std::string tenant_sql = "r.realm";
  std::string access_sql =
      "CASE WHEN r.framedprotocol = 'PPP' AND r.servicetype LIKE 'Framed%' "
      "THEN 'pppoe' ELSE 'hotspot' END";
  std::string subscriber_sql = "r.username";
  bool with_whereabouts = false;  // for the routers; not a setting

  friend bool operator==(const RadacctConfig&, const RadacctConfig&) = default;
};

struct SourceConfig {
  std::string name;
  DatabaseConfig database;
  std::chrono::milliseconds interval{5000};  // from the start of one reading to the next
  std::chrono::milliseconds timeout{4000};   // of a statement; connecting too
  bool notify = false;         // listens for changes, by a trigger that the operator has made
  std::string notify_channel;  // of both; never empty in a checked configuration
  std::variant<UserSessionsConfig, RadacctConfig> kind;

  friend bool operator==(const SourceConfig&, const SourceConfig&) = default;
};

// The value of the key `type`.
inline const char* SourceTypeName(const SourceConfig& config) {
  return std::holds_alternative<UserSessionsConfig>(config.kind) ? "user_sessions" : "radacct";
}

struct TenantsConfig {
  // Exactly one of the three: the table (whatever of time_zone, billing_day, quota_bytes, plan,
  // week_start and alerts it has), a query with these column names, or a YAML file.
  std::string table = "tenants";
  std::string sql;
  std::string file;
  DatabaseConfig database;  // of table and sql
  std::chrono::milliseconds refresh{60000};
  std::chrono::milliseconds keep_for{std::chrono::hours(24)};  // exported so long after it went
  std::string default_time_zone = "UTC";
  int default_billing_day = 1;
  AlertThresholds default_alerts = DefaultAlertThresholds();  // from the section `alerts`

  friend bool operator==(const TenantsConfig&, const TenantsConfig&) = default;
};

struct LedgerConfig {
  uint64_t line_bits_per_second = 100'000'000'000;                    // growth beyond is refused
  std::chrono::milliseconds day_closes_after{std::chrono::hours(1)};  // after midnight
  std::chrono::milliseconds stale_after{std::chrono::minutes(30)};  // an open session without news
  int top_subscribers = 10;  // per tenant and access, 0 to 1000

  friend bool operator==(const LedgerConfig&, const LedgerConfig&) = default;
};

struct StorageConfig {
  DatabaseConfig database;
  std::string schema = "usage";
  std::chrono::milliseconds fold_interval{60000};  // how often the tables take in the journal
  std::chrono::milliseconds timeout{30000};        // of one change

  friend bool operator==(const StorageConfig&, const StorageConfig&) = default;
};

// Frames of numbers to Grafana Live.
struct LiveConfig {
  std::chrono::milliseconds interval{5000};  // least time between two frames of one org
  std::chrono::milliseconds timeout{5000};   // of one push, connecting included
  int concurrency = 4;                       // pushes at once, 1 to 64; each has a connection
  int top_subscribers = 10;  // of each access, 0 to 100; never more than the ledger's

  friend bool operator==(const LiveConfig&, const LiveConfig&) = default;
};

// A person who may sign in to a tenant's org, or the operator's.
struct GrafanaUser {
  std::string tenant;  // "": the operator's
  std::string login;
  std::string email;  // "": none
  std::string name;
  bool is_editor = false;  // else a viewer

  friend bool operator==(const GrafanaUser&, const GrafanaUser&) = default;
};

// The orgs that `usagectl grafana` makes. The exporter reads none of these files.
struct OrgsConfig {
  std::string user;           // a server admin of Grafana's
  std::string password_file;  // its password
  std::string gateway_url;    // where Grafana finds usage_gateway
  std::string tokens_file;    // usage_gateway's
  std::string dashboards;     // a folder with tenant/ and operator/
  std::string operator_name = "Operator";
  std::vector<GrafanaUser> users;  // the operator's too
  std::string users_sql;           // more of them, from the tenants' database
  std::string invitations_file;    // where first passwords go; "": they are printed, once
  std::string theme = "system";
  std::string week_start = "monday";

  friend bool operator==(const OrgsConfig&, const OrgsConfig&) = default;
};

struct GrafanaConfig {
  HttpUrl url;
  std::string ca_file;  // PEM: who may have signed Grafana's certificate; "": the system's
  std::optional<LiveConfig> live;  // none: nothing is pushed
  std::optional<OrgsConfig> orgs;  // none: usagectl has nothing to do

  friend bool operator==(const GrafanaConfig&, const GrafanaConfig&) = default;
};

enum class AlertChannel { kEmail, kWebhook, kSlack, kTelegram };

// Each hears of its own and of those behind it.
enum class AlertSeverity { kInfo, kWarning, kCritical };

// When somebody is told nothing, by the tenant's clock: at these hours of every day, and on these
// days.
struct QuietTime {
  int begin = 0;               // minutes of the day, 0 to 1440
  int end = 0;                 // likewise; before `begin`: of the next day; the same: no hours
  std::array<bool, 7> days{};  // Monday first

  friend auto operator<=>(const QuietTime&, const QuietTime&) = default;
};

// Somebody who is told of alerts.
struct AlertContact {
  std::string tenant;  // "": the operator's
  AlertChannel channel = AlertChannel::kEmail;
  std::string address;  // an e-mail address, a URL or a Telegram chat's number; may be a secret
  std::string address_file;                       // not empty: the URL stands there
  AlertSeverity severity = AlertSeverity::kInfo;  // the least
  QuietTime quiet;

  friend bool operator==(const AlertContact&, const AlertContact&) = default;
};

struct SmtpConfig {
  std::string server;  // host:port
  std::string from;
  std::string hello;          // "": Alertmanager's own, localhost
  std::string user;           // "": no signing in
  std::string password_file;  // Alertmanager reads it
  bool require_tls = true;

  friend bool operator==(const SmtpConfig&, const SmtpConfig&) = default;
};

// As Alertmanager means them.
struct AlertTimes {
  std::chrono::milliseconds group_wait{30000};
  std::chrono::milliseconds group_interval{std::chrono::minutes(5)};
  std::chrono::milliseconds repeat_interval{std::chrono::hours(4)};

  friend bool operator==(const AlertTimes&, const AlertTimes&) = default;
};

struct WatchdogConfig {
  std::string webhook;
  std::string webhook_file;  // not empty: the URL stands there
  std::chrono::milliseconds repeat_interval{std::chrono::minutes(5)};

  friend bool operator==(const WatchdogConfig&, const WatchdogConfig&) = default;
};

// Alertmanager's configuration as `usagectl alertmanager` writes it. The exporter reads none of
// these files.
struct AlertingConfig {
  HttpUrl url;
  std::string ca_file;  // PEM: who may have signed its certificate; "": the system's
  std::string user;     // of basic authentication; "": none
  std::string password_file;
  std::string file;  // Alertmanager's --config.file
  std::vector<std::string> templates;
  std::string amtool = "amtool";
  std::string dashboards_url;  // Grafana, as people reach it; "": messages have no link
  std::string runbooks_url;    // what stands before /runbooks/…; "": nothing
  std::optional<SmtpConfig> smtp;
  std::string telegram_token_file;
  std::vector<AlertContact> contacts;  // the operator's too, in the file's order
  std::string contacts_sql;            // more of them, from the tenants' database
  std::optional<WatchdogConfig> watchdog;
  bool orphans_to_operator = true;  // alerts of tenants without a contact
  AlertTimes operator_times;
  AlertTimes tenant_times{.repeat_interval = std::chrono::days(4)};

  friend bool operator==(const AlertingConfig&, const AlertingConfig&) = default;
};

// Where `usagectl doctor` and `usagectl status` find what is not in the other sections. The
// exporter reads none of it.
struct DoctorConfig {
  std::optional<HttpUrl> exporter;  // none of these: its checks say so
  std::optional<HttpUrl> prometheus;
  std::optional<HttpUrl> gateway_metrics;
  std::string ca_file;                    // PEM, for all of them; "": the system's
  std::string user;                       // of the exporter and the gateway; "": none
  std::string password_file;              // its first line; only usagectl opens it
  std::string tokens_file;                // usage_gateway's; "": grafana.orgs.tokens_file
  std::vector<std::string> certificates;  // PEM files
  std::vector<std::string> disks;         // folders
  std::string backup_pattern;             // newest_of: a path with * and ?; "": none
  std::chrono::milliseconds backup_max_age{std::chrono::hours(26)};
  std::chrono::milliseconds timeout{std::chrono::seconds(10)};  // of each check

  friend bool operator==(const DoctorConfig&, const DoctorConfig&) = default;
};

enum class RouterProtocol { kRest, kApi, kSnmp };  // routeros_rest, routeros_api, snmp

// Where a secret stands: in a file or in the environment. Never the secret.
struct SecretPlace {
  std::string file;
  std::string variable;

  bool empty() const { return file.empty() && variable.empty(); }
  friend bool operator==(const SecretPlace&, const SecretPlace&) = default;
};

// How to sign in at routers. The secrets are read with the list of routers, each time.
struct RouterCredentials {
  std::string user;           // not of SNMP v2c
  SecretPlace password;       // not of SNMP
  SecretPlace community;      // of SNMP v2c
  std::string auth_protocol;  // of SNMP v3, as those below and as in SnmpAuth; "": none
  SecretPlace auth_password;
  std::string privacy_protocol;
  SecretPlace privacy_password;

  friend bool operator==(const RouterCredentials&, const RouterCredentials&) = default;
};

// How a router proves who it is. Neither: the system's certificate authorities.
struct RouterTls {
  std::string ca_file;      // PEM
  std::string fingerprint;  // SHA-256 of the certificate, 64 hex digits in lower case: pinned

  friend bool operator==(const RouterTls&, const RouterTls&) = default;
};

// SNMP's own ways of signing in. Secrets as in DatabaseConfig: read already, never printed.
struct SnmpAuth {
  std::string community;  // v2c; "": v3
  std::string user;       // v3, as are those below
  // MD5, SHA (SHA1, the best that RouterOS has), SHA-224, SHA-256, SHA-384, SHA-512; "": none
  std::string auth_protocol = "SHA";
  std::string auth_password;
  std::string privacy_protocol = "AES";  // DES, AES; "": none
  std::string privacy_password;

  friend bool operator==(const SnmpAuth&, const SnmpAuth&) = default;
};

// One router.
struct RouterConfig {
  std::string name;    // unique; the label `router`
  std::string tenant;  // whose it is; "": several tenants'
  RouterProtocol protocol = RouterProtocol::kRest;
  std::string host;
  int port = 0;         // never 0 in a checked configuration
  bool use_tls = true;  // not SNMP
  RouterTls tls;
  std::string user;      // not SNMP
  std::string password;  // never printed
  SnmpAuth snmp;
  std::vector<RouterTable> tables = {RouterTable::kHotspotActive, RouterTable::kPppoeInterface};
  std::vector<std::string> uplinks;  // interfaces that are exported; empty: all but subscribers'
  std::chrono::milliseconds timeout{4000};  // of one poll

  friend bool operator==(const RouterConfig&, const RouterConfig&) = default;
};

// Writing routers' counters into the panel's table of sessions.
struct WriteBackConfig {
  DatabaseConfig database;                    // of a role that may do nothing else
  UserSessionsConfig rows;                    // used_only is kIgnore
  std::chrono::milliseconds interval{30000};  // from one look at all rows to the next
  int rows_per_batch = 500;                   // of one statement, 1 to 10000
  std::chrono::milliseconds pause{100};       // from one batch to the next
  std::chrono::milliseconds timeout{5000};    // of a reading, and of a batch

  friend bool operator==(const WriteBackConfig&, const WriteBackConfig&) = default;
};

// Whose number is booked.
enum class Authority { kAccounting, kRouter, kMax };

struct RoutersConfig {
  // Exactly one of the three.
  std::string table = "routers";             // of the panel: the columns of docs/routers.md it has
  std::string sql;                           // a query with the columns of docs/routers.md
  std::string file;                          // YAML
  DatabaseConfig database;                   // of table and sql
  std::chrono::milliseconds refresh{60000};  // of the list
  // Between two polls of a router. With the poll and the making of the page, a number is on
  // /metrics within five seconds.
  std::chrono::milliseconds interval{3000};
  std::chrono::milliseconds details{30000};  // between two of its interfaces and facts
  std::chrono::milliseconds timeout{4000};   // of one poll
  int concurrency = 16;                      // polls in flight, 1 to 256
  // What a router has that names none of its own.
  RouterProtocol default_protocol = RouterProtocol::kRest;
  bool default_use_tls = true;
  RouterTls default_tls;
  std::map<std::string, RouterCredentials> credentials;  // by name; "default" of those without
  std::array<Authority, kAccessCount> authority = {Authority::kAccounting, Authority::kAccounting};
  std::chrono::milliseconds carry_max{std::chrono::minutes(30)};  // without accounting's word
  std::optional<WriteBackConfig> write_back;                      // none: nothing is written

  friend bool operator==(const RoutersConfig&, const RoutersConfig&) = default;
};

struct Config {
  StorageConfig storage;
  TenantsConfig tenants;
  LedgerConfig ledger;
  std::vector<SourceConfig> sources;
  std::optional<RoutersConfig> routers;  // none: no router is asked
  std::optional<GrafanaConfig> grafana;
  std::optional<AlertingConfig> alerting;
  DoctorConfig doctor;
  std::vector<std::string> warnings;  // what is allowed but likely not meant

  friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace usage
