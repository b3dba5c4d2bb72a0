#include "config/alerting_reader.h"

#include <algorithm>

#include "config/alert_contact.h"
#include "config/section_values.h"
#include "core/listen_address.h"

namespace usage {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Alertmanager forgets what it has sent after --data.retention, 5 days unless told otherwise.
constexpr hours kRetention(120);
constexpr char kTemplates[] = "alerts/templates/usage.tmpl";

// Grafana or a page, as a link begins.
void ReadLink(const YamlValue& value, std::string* out) {
  HttpUrl url;
  ReadUrl(value, "write what a browser opens, such as https://grafana.example.org", &url);
  if (!url.host.empty()) *out = url.Origin() + url.path;
}

AlertTimes ReadTimes(const YamlValue& value, AlertTimes times) {
  YamlMap map(value);
  map["group_wait"].ReadDuration(&times.group_wait, seconds(0), hours(1));
  map["group_interval"].ReadDuration(&times.group_interval, seconds(1), hours(24));
  map["repeat_interval"].ReadDuration(&times.repeat_interval, seconds(1), kRetention);
  return times;
}

void ReadQuiet(YamlMap* map, QuietTime* quiet) {
  const YamlValue hours_value = (*map)["quiet_hours"];
  std::string text;
  hours_value.Read(&text);
  const std::string fault = text.empty() ? "" : ReadQuietHours(text, quiet);
  if (!fault.empty()) hours_value.Fail(fault + "; write begin and end by the tenant's clock");
  const YamlValue days_value = (*map)["quiet_days"];
  if (!days_value.present()) return;
  std::vector<std::string> days;
  days_value.Read(&days);
  const std::string bad_day = ReadQuietDays(days, quiet);
  if (!bad_day.empty()) days_value.Fail(bad_day);
}

bool HearsAll(const AlertContact& contact) {
  return contact.severity == AlertSeverity::kInfo && contact.quiet == QuietTime();
}

// What nobody else hears ends at the root of the tree: somebody must be there, always.
void CheckOperator(const YamlValue& value, const std::vector<AlertContact>& contacts) {
  const bool is_heard = std::any_of(contacts.begin(), contacts.end(), [](const auto& contact) {
    return contact.tenant.empty() && HearsAll(contact);
  });
  if (!value.is_list() || is_heard) return;
  value.Fail(
      "has nobody who hears everything; one contact must have no severity, quiet_hours and "
      "quiet_days");
}

bool HasChannel(const std::vector<AlertContact>& contacts, AlertChannel channel) {
  return std::any_of(contacts.begin(), contacts.end(),
                     [&](const auto& contact) { return contact.channel == channel; });
}

}  // namespace

std::optional<AlertingConfig> AlertingReader::Read(
    const YamlValue& value, const std::optional<GrafanaConfig>& grafana) const {
  YamlMap map(value);
  AlertingConfig alerting;
  ReadServer(&map, &alerting);
  if (grafana) alerting.dashboards_url = grafana->url.Origin() + grafana->url.path;
  ReadLink(map["dashboards_url"], &alerting.dashboards_url);
  ReadLink(map["runbooks_url"], &alerting.runbooks_url);
  const YamlValue smtp = map["smtp"];
  alerting.smtp = ReadSmtp(smtp);
  const YamlValue token = map["telegram_token_file"];
  alerting.telegram_token_file = ReadPath(token, folder_);
  ReadContacts(&map, &alerting);
  if (HasChannel(alerting.contacts, AlertChannel::kEmail) && !smtp.present()) {
    smtp.Fail("is missing, and a contact has an e-mail address; write server and from");
  }
  if (HasChannel(alerting.contacts, AlertChannel::kTelegram) && !token.present()) {
    token.Fail("is missing, and a contact is a Telegram chat; write the file with the bot's token");
  }
  alerting.watchdog = ReadWatchdog(map["watchdog"]);
  alerting.operator_times = ReadTimes(map["operator_times"], alerting.operator_times);
  alerting.tenant_times = ReadTimes(map["tenant_times"], alerting.tenant_times);
  return value.present() ? std::optional(alerting) : std::nullopt;
}

void AlertingReader::ReadServer(YamlMap* map, AlertingConfig* alerting) const {
  constexpr char kWhere[] = "write where Alertmanager is, such as http://127.0.0.1:9093";
  ReadUrl(map->Required("url", kWhere), kWhere, &alerting->url);
  alerting->ca_file = ReadPath((*map)["ca_file"], folder_);
  (*map)["user"].Read(&alerting->user);
  alerting->password_file = ReadPath((*map)["password_file"], folder_);
  alerting->file = ReadPath(map->Required("file", "write Alertmanager's --config.file"), folder_);
  alerting->templates = ReadTemplates((*map)["templates"]);
  (*map)["amtool"].Read(&alerting->amtool);
}

std::vector<std::string> AlertingReader::ReadTemplates(const YamlValue& value) const {
  std::vector<std::string> names = {kTemplates};
  if (value.present()) value.Read(&names);
  for (std::string& name : names) name = (folder_ / name).string();
  return names;
}

std::optional<SmtpConfig> AlertingReader::ReadSmtp(const YamlValue& value) const {
  YamlMap map(value);
  SmtpConfig smtp;
  const YamlValue server = map.Required("server", "write host:port of the mail server");
  server.Read(&smtp.server);
  if (!smtp.server.empty() && !ParseListenAddress(smtp.server)) {
    server.Fail("is not host:port, such as mail.example.org:587");
  }
  const YamlValue from = map.Required("from", "write the sender's address");
  from.Read(&smtp.from);
  const std::string fault = smtp.from.empty() ? "" : AddressFault(AlertChannel::kEmail, smtp.from);
  if (!fault.empty()) from.Fail(fault);
  map["hello"].Read(&smtp.hello);
  map["user"].Read(&smtp.user);
  smtp.password_file = ReadPath(map["password_file"], folder_);
  map["require_tls"].Read(&smtp.require_tls);
  return value.present() ? std::optional(smtp) : std::nullopt;
}

std::optional<WatchdogConfig> AlertingReader::ReadWatchdog(const YamlValue& value) const {
  YamlMap map(value);
  WatchdogConfig watchdog;
  const YamlValue webhook = map["webhook"];
  webhook.Read(&watchdog.webhook);
  const std::string fault = watchdog.webhook.empty() ? "" : WebhookFault(watchdog.webhook);
  if (!fault.empty()) webhook.Fail(fault);
  const YamlValue file = map["webhook_file"];
  watchdog.webhook_file = ReadPath(file, folder_);
  if (map.is_map() && webhook.present() == file.present()) {
    value.Fail("must have one of webhook and webhook_file, which has the URL in its first line");
  }
  map["repeat_interval"].ReadDuration(&watchdog.repeat_interval, seconds(1), hours(1));
  return value.present() ? std::optional(watchdog) : std::nullopt;
}

void AlertingReader::ReadContacts(YamlMap* map, AlertingConfig* alerting) const {
  const YamlValue operators = map->Required("operators", "name at least one contact of your own");
  if (operators.present()) {
    for (const YamlValue& item : operators.Items()) {
      alerting->contacts.push_back(ReadContact(item, true));
    }
  }
  CheckOperator(operators, alerting->contacts);
  const YamlValue contacts = (*map)["contacts"];
  if (contacts.present()) {
    for (const YamlValue& item : contacts.Items()) {
      alerting->contacts.push_back(ReadContact(item, false));
    }
  }
  ReadQuery((*map)["contacts_sql"], &alerting->contacts_sql);
  (*map)["without_contacts"].ReadWord(&alerting->orphans_to_operator,
                                      {{"operator", true}, {"nobody", false}});
}

AlertContact AlertingReader::ReadContact(const YamlValue& value, bool of_operator) const {
  YamlMap map(value);
  AlertContact contact;
  if (!of_operator) map.Required("tenant", "write the tenant's id").Read(&contact.tenant);
  ReadAddress(value, &map, &contact);
  map["severity"].ReadWord(&contact.severity, {{"info", AlertSeverity::kInfo},
                                               {"warning", AlertSeverity::kWarning},
                                               {"critical", AlertSeverity::kCritical}});
  ReadQuiet(&map, &contact.quiet);
  return contact;
}

// One of the keys, which says the channel. A URL of Slack's is a secret: it has a file.
void AlertingReader::ReadAddress(const YamlValue& value, YamlMap* map,
                                 AlertContact* contact) const {
  int found = 0;
  for (const AlertChannel channel :
       {AlertChannel::kEmail, AlertChannel::kWebhook, AlertChannel::kTelegram}) {
    const YamlValue address = (*map)[AlertChannelName(channel)];
    if (!address.present()) continue;
    ++found;
    contact->channel = channel;
    address.Read(&contact->address);
    const std::string fault = AddressFault(channel, contact->address);
    if (!fault.empty() && !contact->address.empty()) address.Fail(fault);
  }
  for (const AlertChannel channel : {AlertChannel::kWebhook, AlertChannel::kSlack}) {
    const YamlValue file = (*map)[std::string(AlertChannelName(channel)) + "_file"];
    if (!file.present()) continue;
    ++found;
    contact->channel = channel;
    contact->address_file = ReadPath(file, folder_);
  }
  if (map->is_map() && found != 1) {
    value.Fail("must have one of email, webhook, webhook_file, slack_file and telegram");
  }
}

}  // namespace usage
