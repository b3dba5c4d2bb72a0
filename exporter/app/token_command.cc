#include "app/token_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

#include "app/guarded.h"
#include "core/atomic_file.h"
#include "core/clock.h"
#include "core/units.h"
#include "gateway/token_file.h"

namespace usage {
namespace {

using gateway::Scope;
using gateway::TokenRecord;

// Of one tenant at once: the old one and the new one, while clients change over.
constexpr int kMostOfATenant = 2;

std::vector<TokenRecord> Load(const std::string& path) {
  return ValueOf(gateway::ReadTokenFile(path));
}

std::vector<TokenRecord> LoadIfThere(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored) ? Load(path) : std::vector<TokenRecord>();
}

std::optional<Instant> ExpiryOf(const std::string& text, Instant now) {
  if (text.empty()) return std::nullopt;
  std::optional<Instant> time = gateway::ParseUtc(text);
  if (auto duration = ParseDuration(text)) time = now + *duration;
  if (!time)
    throw std::runtime_error("--expires: write 90d, or a time such as 2027-01-31T00:00:00Z");
  if (*time <= now) throw std::runtime_error("--expires: that is in the past");
  return time;
}

TokenRecord NewRecord(const TokenFlags& flags, const std::string& token) {
  TokenRecord record;
  record.sha256 = gateway::Sha256Hex(token);
  record.scope = flags.scope == "operator" ? Scope::kOperator : Scope::kTenant;
  record.tenant = flags.tenant;
  record.created = SystemClock().Now();
  record.expires = ExpiryOf(flags.expires, record.created);
  record.note = flags.note;
  return record;
}

void CheckRecord(const TokenRecord& record) {
  if (record.scope == Scope::kOperator) {
    if (record.tenant.empty()) return;
    throw std::runtime_error(
        "--tenant: an operator's token is of no tenant; leave one of them out");
  }
  std::string fault = gateway::TenantFault(record.tenant);
  if (!fault.empty()) throw std::runtime_error("--tenant: " + fault);
}

// Rotation needs two; more would be forgotten ones.
void CheckCount(const std::vector<TokenRecord>& records, const TokenRecord& added) {
  if (added.scope == Scope::kOperator) return;
  auto count = std::count_if(records.begin(), records.end(), [&](const TokenRecord& r) {
    return r.scope == Scope::kTenant && r.tenant == added.tenant && !r.is_expired(added.created);
  });
  if (count < kMostOfATenant) return;
  throw std::runtime_error("tenant " + added.tenant +
                           " has two tokens already; take the old one away with 'usagectl token "
                           "revoke' first ('usagectl token list' shows both)");
}

nlohmann::ordered_json ToJson(const TokenRecord& record, Instant now) {
  nlohmann::ordered_json json;
  json["id"] = record.id();
  json["scope"] = record.scope == Scope::kTenant ? "tenant" : "operator";
  if (!record.tenant.empty()) json["tenant"] = record.tenant;
  json["created"] = gateway::FormatUtc(record.created);
  if (record.expires) json["expires"] = gateway::FormatUtc(*record.expires);
  json["expired"] = record.is_expired(now);
  if (!record.note.empty()) json["note"] = record.note;
  return json;
}

std::string Expiry(const TokenRecord& record, Instant now) {
  if (!record.expires) return "never";
  return gateway::FormatUtc(*record.expires) + (record.is_expired(now) ? " (expired)" : "");
}

constexpr const char* kCreateFooter = R"(Examples:
  usagectl token create --tenant acme --expires 90d --note 'Grafana of Acme'
  usagectl token create --scope operator --file /etc/usage_gateway/tokens.json
Exit status:
  0 it is made, 1 it is not: why stands on standard error.
)";
constexpr const char* kListFooter = R"(Examples:
  usagectl token list --file /etc/usage_gateway/tokens.json
  usagectl token list --json | jq '.[] | select(.expired)'
)";
constexpr const char* kRevokeFooter = R"(Examples:
  usagectl token revoke 1a2b3c4d5e6f --file /etc/usage_gateway/tokens.json
)";

using Command = int (*)(const TokenFlags&, std::ostream&, std::ostream&);

CLI::App* AddCommand(CLI::App* token, const char* name, const char* what,
                     std::shared_ptr<TokenFlags> flags, Command command, int& status) {
  CLI::App* sub = token->add_subcommand(name, what);
  sub->add_option("--file", flags->file, "The token file, as in the gateway's configuration")
      ->type_name("FILE")
      ->capture_default_str();
  sub->callback([flags, &status, command] { status = command(*flags, std::cout, std::cerr); });
  return sub;
}

}  // namespace

int CreateToken(const TokenFlags& flags, std::ostream& out, std::ostream& err) {
  return Guarded(err, [&] {
    std::string token = gateway::NewToken();
    TokenRecord record = NewRecord(flags, token);
    CheckRecord(record);
    FileLock lock(flags.file);
    std::vector<TokenRecord> records = LoadIfThere(flags.file);
    CheckCount(records, record);
    records.push_back(record);
    gateway::WriteTokenFile(flags.file, records);
    out << token << "\n";
    err << "token " << record.id() << " added to " << flags.file
        << "; it is shown this once, only its hash is kept\n";
    return 0;
  });
}

int ListTokens(const TokenFlags& flags, std::ostream& out, std::ostream& err) {
  return Guarded(err, [&] {
    Instant now = SystemClock().Now();
    std::vector<TokenRecord> records = Load(flags.file);
    if (flags.json) {
      auto list = nlohmann::ordered_json::array();
      for (const TokenRecord& record : records) list.push_back(ToJson(record, now));
      out << list.dump(2) << "\n";
      return 0;
    }
    out << "ID\tSCOPE\tTENANT\tCREATED\tEXPIRES\tNOTE\n";
    for (const TokenRecord& record : records) {
      bool is_tenant = record.scope == Scope::kTenant;
      out << record.id() << "\t" << (is_tenant ? "tenant" : "operator") << "\t"
          << (is_tenant ? record.tenant : "-") << "\t" << gateway::FormatUtc(record.created) << "\t"
          << Expiry(record, now) << "\t" << record.note << "\n";
    }
    return 0;
  });
}

int RevokeToken(const TokenFlags& flags, std::ostream& out, std::ostream& err) {
  return Guarded(err, [&] {
    FileLock lock(flags.file);
    std::vector<TokenRecord> records = Load(flags.file);
    auto meant = [&](const TokenRecord& record) { return record.id() == flags.id; };
    auto count = std::count_if(records.begin(), records.end(), meant);
    if (count != 1) {
      throw std::runtime_error("no token has the id '" + flags.id +
                               "'; 'usagectl token list' shows them");
    }
    std::erase_if(records, meant);
    gateway::WriteTokenFile(flags.file, records);
    out << "token " << flags.id << " is taken away\n";
    return 0;
  });
}

void AddTokenCommands(CLI::App& app, int& status) {
  auto flags = std::make_shared<TokenFlags>();
  CLI::App* token = app.add_subcommand("token", "Tokens of usage_gateway");
  token->require_subcommand(1);
  CLI::App* create = AddCommand(token, "create", "Make a token and print it, this once", flags,
                                CreateToken, status);
  create->footer(kCreateFooter);
  create->add_option("--tenant", flags->tenant, "Whose series it shows");
  create->add_option("--scope", flags->scope, "operator: it shows all tenants")
      ->check(CLI::IsMember({"tenant", "operator"}))
      ->capture_default_str();
  create->add_option("--expires", flags->expires, "90d, or 2027-01-31T00:00:00Z; default: never");
  create->add_option("--note", flags->note, "For people: who has it");
  CLI::App* list = AddCommand(token, "list", "Show the tokens, without their secrets", flags,
                              ListTokens, status);
  list->footer(kListFooter);
  list->add_flag("--json", flags->json, "As JSON");
  CLI::App* revoke = AddCommand(token, "revoke", "Take a token away", flags, RevokeToken, status);
  revoke->footer(kRevokeFooter);
  revoke->add_option("id", flags->id, "Its id, of 'usagectl token list'")->required();
}

}  // namespace usage
