#include "alerting/house.h"

#include <openssl/evp.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

#include "config/alert_contact.h"
#include "sources/postgres/alert_contacts.h"
#include "sources/postgres/source_factory.h"
#include "storage/org_store.h"

namespace usage::alerting {
namespace {

std::string Sha256Hex(const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    hex.push_back(kHex[digest[i] >> 4]);
    hex.push_back(kHex[digest[i] & 15]);
  }
  return hex;
}

std::string HashOf(const std::vector<std::string>& files) {
  std::string all;
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
      throw std::runtime_error(file + ": can't be read; alerting.templates must name the message " +
                               "templates, alerts/templates/usage.tmpl of this project");
    }
    all += std::string(std::istreambuf_iterator<char>(in), {}) + '\0';
  }
  return Sha256Hex(all);
}

class Reader {
 public:
  explicit Reader(const Config& config) : config_(config) {
    house_.input.config = AlertingOf(config);
  }

  House Read() {
    RoutingInput& input = house_.input;
    input.operator_zone = config_.tenants.default_time_zone;
    input.templates_hash = HashOf(input.config.templates);
    ReadTenants();
    ReadSecrets();
    ReadContacts();
    ReadOrgs();
    return std::move(house_);
  }

 private:
  void ReadTenants() {
    house_.input.tenants = MakeTenantSource(config_.tenants)->Read();
    if (!house_.input.tenants.empty()) return;
    throw std::runtime_error(
        "the list of tenants is empty: all would lose their routes; see the section 'tenants' of "
        "the configuration");
  }

  void ReadSecrets() {
    const AlertingConfig& alerting = house_.input.config;
    if (!alerting.telegram_token_file.empty()) {
      house_.input.telegram_token =
          SecretIn(alerting.telegram_token_file, "alerting.telegram_token_file");
    }
    if (!alerting.watchdog) return;
    const WatchdogConfig& watchdog = *alerting.watchdog;
    house_.input.watchdog_url = watchdog.webhook;
    if (watchdog.webhook_file.empty()) return;
    house_.input.watchdog_url = SecretIn(watchdog.webhook_file, "alerting.watchdog.webhook_file");
    const std::string fault = WebhookFault(house_.input.watchdog_url);
    if (!fault.empty()) throw std::runtime_error(watchdog.webhook_file + ": " + fault);
  }

  void ReadContacts() {
    const AlertingConfig& alerting = house_.input.config;
    for (const AlertContact& contact : alerting.contacts) AddFromFile(contact);
    WarnOfStrangers();
    if (alerting.contacts_sql.empty()) return;
    ContactRows rows = ReadAlertContacts(config_.tenants.database, alerting.contacts_sql);
    for (AlertContact& contact : rows.contacts) AddFromRow(std::move(contact));
    house_.faults.insert(house_.faults.end(), rows.faults.begin(), rows.faults.end());
  }

  // Alertmanager reads Slack's URL itself, and 0.25 knows no file for a webhook's.
  void AddFromFile(AlertContact contact) {
    if (contact.channel == AlertChannel::kWebhook && !contact.address_file.empty()) {
      contact.address = SecretIn(contact.address_file, "webhook_file of a contact");
      const std::string fault = WebhookFault(contact.address);
      if (!fault.empty()) throw std::runtime_error(contact.address_file + ": " + fault);
      contact.address_file.clear();
    }
    house_.input.contacts.push_back(std::move(contact));
  }

  void AddFromRow(AlertContact contact) {
    const AlertingConfig& alerting = house_.input.config;
    const bool is_mail = contact.channel == AlertChannel::kEmail;
    const bool is_chat = contact.channel == AlertChannel::kTelegram;
    if (is_mail && !alerting.smtp) {
      return Blame(contact, "an e-mail address, and there is no alerting.smtp");
    }
    if (is_chat && alerting.telegram_token_file.empty()) {
      return Blame(contact, "a Telegram chat, and there is no alerting.telegram_token_file");
    }
    house_.input.contacts.push_back(std::move(contact));
  }

  void Blame(const AlertContact& contact, const std::string& what) {
    house_.faults.push_back("alerting.contacts_sql: tenant '" + contact.tenant + "': " + what +
                            " in the configuration; write it there, or leave such rows out");
  }

  // Of the file alone: a database may well keep the contacts of tenants that left.
  void WarnOfStrangers() {
    std::set<std::string> known = {""};
    for (const TenantInfo& tenant : house_.input.tenants) known.insert(tenant.id);
    for (const AlertContact& contact : house_.input.contacts) {
      if (known.contains(contact.tenant)) continue;
      house_.warnings.push_back("alerting.contacts: tenant '" + contact.tenant +
                                "' is not in the list of tenants; correct it or take it out");
    }
  }

  // For links alone: without them a person's browser opens the org that it was in last.
  void ReadOrgs() {
    const bool has_orgs = config_.grafana && config_.grafana->orgs;
    if (!has_orgs || house_.input.config.dashboards_url.empty()) return;
    try {
      for (const KeptOrg& org : OrgStore(config_.storage).Load()) {
        if (org.org_id && !org.locked) house_.input.orgs[org.tenant_id] = *org.org_id;
      }
    } catch (const std::exception& e) {
      house_.warnings.push_back(std::string("links are without orgId, for the ledger's schema ") +
                                "can't be read: " + e.what());
    }
  }

  const Config& config_;
  House house_;
};

}  // namespace

const AlertingConfig& AlertingOf(const Config& config) {
  if (config.alerting) return *config.alerting;
  throw std::runtime_error(
      "the configuration has no 'alerting', which says where Alertmanager is and who is told; "
      "docs/alerting.md has an example");
}

std::string SecretIn(const std::string& file, const std::string& key) {
  std::ifstream in(file);
  std::string secret;
  std::getline(in, secret);
  while (!secret.empty() && (secret.back() == '\r' || secret.back() == ' ')) secret.pop_back();
  if (!secret.empty()) return secret;
  throw std::runtime_error(file + ": has nothing in its first line; write what " + key +
                           " stands for there, readable for usagectl");
}

House ReadHouse(const Config& config) { return Reader(config).Read(); }

}  // namespace usage::alerting
