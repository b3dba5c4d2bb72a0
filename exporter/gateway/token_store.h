// The tokens in memory: looked up by every request, replaced when the file changes.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "gateway/token_file.h"
#include "net/http_message.h"

namespace usage::gateway {

// Who asks.
struct Identity {
  Scope scope = Scope::kTenant;
  std::string tenant;    // "" for operators
  std::string token_id;  // for the audit log
};

// Immutable; shared by the requests that began with it.
class TokenTable {
 public:
  explicit TokenTable(std::vector<TokenRecord> records);

  // In a time that does not depend on how much of the token is right: the record is found by a
  // digest under a key of this process, which a client can't steer, and compared whole.
  const TokenRecord* Find(std::string_view token) const;
  size_t size() const { return records_.size(); }
  const std::vector<TokenRecord>& records() const { return records_; }

 private:
  std::string Digest(std::string_view sha256) const;

  const std::string key_;
  const std::vector<TokenRecord> records_;
  std::unordered_map<std::string, size_t> by_digest_;
};

// Thread-safe.
class TokenStore {
 public:
  // `on_reload`: told how many tokens there are, or what is wrong with the file; the old ones stay
  // in use then. Reads the file; throws std::runtime_error when it can't be used.
  TokenStore(std::string path, std::function<void(size_t, const std::string&)> on_reload);
  ~TokenStore();

  // Looks for a changed file every second, on a thread of its own.
  void Watch();
  // Now, if it changed. For tests and SIGHUP.
  void Refresh();
  std::shared_ptr<const TokenTable> table() const;

 private:
  const std::string path_;
  const std::function<void(size_t, const std::string&)> on_reload_;
  mutable std::mutex mutex_;
  std::shared_ptr<const TokenTable> table_;  // guarded by mutex_
  std::mutex refresh_mutex_;                 // one Refresh at a time; guards seen_
  std::string seen_;                         // the file's identity when it was read last
  std::condition_variable_any wake_;
  std::jthread thread_;
};

// The one token of a request: of "Authorization: Bearer", of basic authentication (the password,
// any user) or of the header that Grafana is configured to send.
struct PresentedToken {
  std::string token;  // "" when there is none, or
  std::string fault;  // why what is there is refused (400)
};
PresentedToken TokenOf(const HttpFields& fields, const std::string& header);

}  // namespace usage::gateway
