#include "gateway/token_store.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <sys/stat.h>

#include <stdexcept>

#include "net/basic_auth.h"

namespace usage::gateway {
namespace {

std::string RandomKey() {
  unsigned char bytes[32];
  if (RAND_bytes(bytes, sizeof bytes) != 1) throw std::runtime_error("no random numbers to be had");
  return std::string(reinterpret_cast<const char*>(bytes), sizeof bytes);
}

std::string FileIdentity(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return "-";
  return std::to_string(info.st_ino) + "," + std::to_string(info.st_size) + "," +
         std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec);
}

std::string_view AfterScheme(std::string_view value, std::string_view scheme) {
  bool fits = value.size() > scheme.size() && SameName(value.substr(0, scheme.size()), scheme) &&
              value[scheme.size()] == ' ';
  return fits ? value.substr(scheme.size() + 1) : std::string_view();
}

}  // namespace

TokenTable::TokenTable(std::vector<TokenRecord> records)
    : key_(RandomKey()), records_(std::move(records)) {
  for (size_t i = 0; i < records_.size(); ++i) by_digest_[Digest(records_[i].sha256)] = i;
}

// Both parts have a fixed length, so plain SHA-256 of key and text is a good enough MAC.
std::string TokenTable::Digest(std::string_view sha256) const {
  std::string text = key_ + std::string(sha256);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return std::string(reinterpret_cast<const char*>(digest), sizeof digest);
}

const TokenRecord* TokenTable::Find(std::string_view token) const {
  std::string sha256 = Sha256Hex(token);
  auto found = by_digest_.find(Digest(sha256));
  if (found == by_digest_.end()) return nullptr;
  const TokenRecord& record = records_[found->second];
  bool same = CRYPTO_memcmp(record.sha256.data(), sha256.data(), sha256.size()) == 0;
  return same ? &record : nullptr;
}

TokenStore::TokenStore(std::string path, std::function<void(size_t, const std::string&)> on_reload)
    : path_(std::move(path)), on_reload_(std::move(on_reload)), seen_(FileIdentity(path_)) {
  auto records = ReadTokenFile(path_);
  if (!records) {
    throw std::runtime_error(records.error() + "\n'usagectl token create --file " + path_ +
                             " …' makes such a file");
  }
  table_ = std::make_shared<const TokenTable>(std::move(*records));
}

TokenStore::~TokenStore() = default;

std::shared_ptr<const TokenTable> TokenStore::table() const {
  std::lock_guard lock(mutex_);
  return table_;
}

void TokenStore::Refresh() {
  std::lock_guard turn(refresh_mutex_);
  // Looked at before it is read: a file that changes in between is read once more.
  std::string identity = FileIdentity(path_);
  if (identity == seen_) return;
  seen_ = identity;
  auto records = ReadTokenFile(path_);
  if (!records) return on_reload_(0, records.error());
  auto table = std::make_shared<const TokenTable>(std::move(*records));
  size_t count = table->size();
  {
    std::lock_guard lock(mutex_);
    table_ = std::move(table);
  }
  on_reload_(count, "");
}

// By looking, and not by inotify: that misses changes on network file systems and of mounted
// secrets, whose folder is a link that moves.
void TokenStore::Watch() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
      wake_.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; });
      if (!stop.stop_requested()) Refresh();
    }
  });
}

PresentedToken TokenOf(const HttpFields& fields, const std::string& header) {
  bool is_own_header = !header.empty() && !SameName(header, "Authorization");
  size_t own = is_own_header ? fields.Count(header) : 0;
  size_t standard = fields.Count("Authorization");
  if (own + standard > 1) return {"", "more than one token was sent"};
  if (own == 1) {
    // Grafana sends what people type: with the scheme or without.
    std::string_view value = fields.Value(header);
    std::string_view bare = AfterScheme(value, "Bearer");
    return {std::string(bare.empty() ? value : bare), ""};
  }
  std::string_view value = fields.Value("Authorization");
  std::string_view bearer = AfterScheme(value, "Bearer");
  if (!bearer.empty()) return {std::string(bearer), ""};
  auto basic = ParseBasicAuthorization(std::string(value));
  return {basic ? basic->password : "", ""};
}

}  // namespace usage::gateway
