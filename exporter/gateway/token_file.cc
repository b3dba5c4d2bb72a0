#include "gateway/token_file.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/atomic_file.h"
#include "core/strict_yaml.h"
#include "core/utf8.h"

namespace usage::gateway {
namespace {

constexpr size_t kMostTenantBytes = 256;

bool IsPlainText(const std::string& text) {
  for (size_t at = 0; at < text.size();) {
    auto byte = static_cast<unsigned char>(text[at]);
    size_t size = Utf8CharacterSize(text, at);
    if (size == 0 || byte < 0x20 || byte == 0x7f) return false;
    at += size;
  }
  return true;
}

class TokenFileReader {
 public:
  explicit TokenFileReader(YamlFile* file) : file_(file) {}

  std::vector<TokenRecord> Read() {
    YamlMap root(file_->root());
    YamlValue tokens = root.Required("tokens", "make one with 'usagectl token create'");
    for (const YamlValue& item : tokens.Items()) ReadToken(item);
    return std::move(records_);
  }

 private:
  void ReadToken(const YamlValue& value) {
    YamlMap map(value);
    TokenRecord record;
    ReadHash(map.Required("sha256", "it is the token's hash"), &record.sha256);
    map.Required("scope", "write tenant or operator")
        .ReadWord(&record.scope, {{"tenant", Scope::kTenant}, {"operator", Scope::kOperator}});
    ReadTenant(map["tenant"], value, &record);
    ReadTime(map.Required("created", "it is a time such as 2026-11-23T07:46:57Z"), &record.created);
    Instant expires{};
    YamlValue expiry = map["expires"];
    ReadTime(expiry, &expires);
    if (expiry.present()) record.expires = expires;
    map["note"].Read(&record.note);
    records_.push_back(std::move(record));
  }

  void ReadHash(const YamlValue& value, std::string* out) {
    value.ReadSecret(out);
    bool good =
        out->size() == 64 && out->find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!good && !out->empty()) value.Fail("is not a SHA-256 hash of 64 small hex digits");
    auto [first, is_new] = lines_.try_emplace(*out, value.line());
    if (good && !is_new) {
      value.Fail("is in line " + std::to_string(first->second) + " too; take one of them out");
    }
  }

  static void ReadTenant(const YamlValue& value, const YamlValue& token, TokenRecord* record) {
    if (record->scope == Scope::kOperator) {
      if (value.present()) value.Fail("must not be with an operator's token; take it out");
      return;
    }
    if (!value.present()) return token.Fail("has no tenant; name the one that it is for");
    // Not Read: it has its own words for an empty text, and here those matter.
    value.Read(&record->tenant);
    if (record->tenant.empty()) return;
    std::string fault = TenantFault(record->tenant);
    if (!fault.empty()) value.Fail(fault);
  }

  static void ReadTime(const YamlValue& value, Instant* out) {
    std::string text;
    value.Read(&text);
    if (text.empty()) return;
    std::optional<Instant> time = ParseUtc(text);
    if (!time) return value.Fail("is not a time such as 2026-11-23T07:46:57Z");
    *out = *time;
  }

  YamlFile* const file_;
  std::map<std::string, int> lines_;  // of the hashes
  std::vector<TokenRecord> records_;
};

Expected<std::vector<TokenRecord>> ReadFrom(YamlFile file) {
  if (!file.ok()) return Error{file.faults()};
  std::vector<TokenRecord> records = TokenFileReader(&file).Read();
  if (!file.ok()) return Error{file.faults()};
  return records;
}

nlohmann::ordered_json ToJson(const TokenRecord& record) {
  nlohmann::ordered_json json;
  json["sha256"] = record.sha256;
  json["scope"] = record.scope == Scope::kTenant ? "tenant" : "operator";
  if (!record.tenant.empty()) json["tenant"] = record.tenant;
  json["created"] = FormatUtc(record.created);
  if (record.expires) json["expires"] = FormatUtc(*record.expires);
  if (!record.note.empty()) json["note"] = record.note;
  return json;
}

std::string ToText(const std::vector<TokenRecord>& records) {
  auto list = nlohmann::ordered_json::array();
  for (const TokenRecord& record : records) list.push_back(ToJson(record));
  nlohmann::ordered_json root;
  root["tokens"] = list;
  return root.dump(2) + "\n";
}

}  // namespace

std::string NewToken() {
  unsigned char bytes[32];
  if (RAND_bytes(bytes, sizeof bytes) != 1) throw std::runtime_error("no random numbers to be had");
  unsigned char text[45];
  EVP_EncodeBlock(text, bytes, sizeof bytes);
  std::string token(reinterpret_cast<const char*>(text), 43);  // without the padding
  for (char& c : token) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return "usage_" + token;
}

std::string Sha256Hex(std::string_view text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  static constexpr char kHex[] = "0123456789abcdef";
  std::string hex;
  for (unsigned char byte : digest) {
    hex.push_back(kHex[byte >> 4]);
    hex.push_back(kHex[byte & 15]);
  }
  return hex;
}

std::string TenantFault(const std::string& tenant) {
  if (tenant.empty()) {
    return "an empty tenant would match every series without the label; name the tenant";
  }
  if (tenant.size() > kMostTenantBytes) return "is longer than 256 bytes";
  if (!IsPlainText(tenant)) return "must be UTF-8 without control characters";
  return "";
}

std::optional<Instant> ParseUtc(const std::string& text) {
  int year, month, day, hour, minute, second;
  char z;
  int end = 0;
  int read = std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%c%n", &year, &month, &day, &hour,
                         &minute, &second, &z, &end);
  if (read != 7 || z != 'Z' || static_cast<size_t>(end) != text.size() || text.size() != 20) {
    return std::nullopt;
  }
  std::chrono::year_month_day date{std::chrono::year(year),
                                   std::chrono::month(static_cast<unsigned>(month)),
                                   std::chrono::day(static_cast<unsigned>(day))};
  bool good = date.ok() && hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 &&
              second < 60;
  if (!good) return std::nullopt;
  return Instant(std::chrono::sys_days(date) + std::chrono::hours(hour) +
                 std::chrono::minutes(minute) + std::chrono::seconds(second));
}

std::string FormatUtc(Instant t) {
  return FormatInstant(t).substr(0, 19) + "Z";  // without the microseconds
}

Expected<std::vector<TokenRecord>> ReadTokenFile(const std::string& path) {
  return ReadFrom(YamlFile::Load(path));
}

Expected<std::vector<TokenRecord>> ParseTokenFile(const std::string& name,
                                                  const std::string& text) {
  return ReadFrom(YamlFile::Parse(name, text));
}

void WriteTokenFile(const std::string& path, const std::vector<TokenRecord>& records) {
  FileDraft(path, ToText(records), 0600).Commit();
}

}  // namespace usage::gateway
