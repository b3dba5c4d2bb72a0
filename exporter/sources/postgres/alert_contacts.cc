#include "sources/postgres/alert_contacts.h"

#include <optional>
#include <sstream>

#include "config/alert_contact.h"
#include "sources/postgres/read_session.h"

namespace usage {
namespace {

constexpr std::chrono::seconds kTimeout{10};

using Row = std::vector<std::optional<std::string>>;

std::string Trimmed(const std::string& text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// "saturday, sunday", or an array as PostgreSQL writes one: "{saturday,sunday}".
std::vector<std::string> WordsIn(std::string text) {
  for (char& c : text) {
    if (c == ',' || c == '{' || c == '}') c = ' ';
  }
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// Of the row's columns after the address; the fault, or "".
std::string ReadRest(const Row& row, AlertContact* contact) {
  const std::string severity = Trimmed(row[3].value_or(""));
  if (!severity.empty()) {
    const auto parsed = ParseAlertSeverity(severity);
    if (!parsed) return "the severity " + parsed.error();
    contact->severity = *parsed;
  }
  const std::string hours = Trimmed(row[4].value_or(""));
  std::string fault = hours.empty() ? "" : ReadQuietHours(hours, &contact->quiet);
  if (!fault.empty()) return "quiet_hours " + fault;
  fault = ReadQuietDays(WordsIn(row[5].value_or("")), &contact->quiet);
  return fault.empty() ? "" : "quiet_days " + fault;
}

std::string ReadContact(const Row& row, AlertContact* contact) {
  contact->tenant = row[0].value_or("");
  if (contact->tenant.empty()) return "there is no tenant_id";
  const auto channel = ParseAlertChannel(Trimmed(row[1].value_or("")));
  if (!channel) return "the channel " + channel.error();
  contact->channel = *channel;
  contact->address = Trimmed(row[2].value_or(""));
  const std::string fault = AddressFault(contact->channel, contact->address);
  if (!fault.empty()) return "the address " + fault;
  return ReadRest(row, contact);
}

std::string NameOf(const Row& row, size_t number) {
  return "alerting.contacts_sql: row " + std::to_string(number) + " (tenant '" +
         row[0].value_or("") + "', channel '" + row[1].value_or("") +
         "', by tenant, channel and address)";
}

}  // namespace

ContactRows ReadAlertContacts(const DatabaseConfig& database, const std::string& sql) {
  ReadSession session("alerting.contacts_sql", "usagectl", database, kTimeout);
  session.Begin();
  const PgRows rows = session.Query(
      "SELECT c.tenant_id::text, c.channel::text, c.address::text, c.severity::text, "
      "c.quiet_hours::text, c.quiet_days::text FROM (" +
      sql + ") c ORDER BY 1, 2, 3, 4, 5, 6");
  session.End();
  ContactRows read;
  for (const auto& row : rows) {
    AlertContact contact;
    const std::string fault = ReadContact(row, &contact);
    if (fault.empty()) {
      read.contacts.push_back(std::move(contact));
    } else {
      read.faults.push_back(NameOf(row, read.contacts.size() + read.faults.size() + 1) + ": " +
                            fault + "; correct it where the query reads it");
    }
  }
  return read;
}

}  // namespace usage
