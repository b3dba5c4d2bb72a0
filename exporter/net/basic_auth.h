// HTTP basic authentication (RFC 7617) as servers check it, against bcrypt hashes, and as
// clients send it.
#pragma once

#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace usage {

struct Credentials {
  std::string user;
  std::string password;
};

// From the value of an Authorization header; none when it is not well-formed "Basic …".
std::optional<Credentials> ParseBasicAuthorization(const std::string& header);

// The value of an Authorization header: a secret.
std::string BasicAuthorization(const Credentials& credentials);

// Checks passwords. bcrypt is slow by intent, a scrape comes every few seconds: what was checked
// once is remembered, as a keyed digest under a key of this process, never as the password.
// Thread-safe.
class BasicAuth {
 public:
  enum class Verdict {
    kAllowed,
    kDenied,
    kBusy,  // too many unknown passwords at once: ask again later
  };

  // `users`: names and bcrypt hashes.
  explicit BasicAuth(std::map<std::string, std::string> users);

  // An unknown user takes as long as a wrong password does.
  Verdict Check(const Credentials& credentials);

 private:
  using Digest = std::string;

  Digest DigestOf(const Credentials& credentials) const;
  std::optional<bool> Remembered(const Digest& digest);
  void Remember(const Digest& digest, bool allowed);
  bool Verify(const Credentials& credentials) const;

  const std::map<std::string, std::string> users_;
  std::string decoy_;
  std::string key_;  // random, of this object

  std::mutex bcrypt_;  // one computation at a time: guessing must not take the machine
  std::mutex mutex_;   // guards what follows
  int waiting_ = 0;    // threads in or before bcrypt_
  std::list<std::pair<Digest, bool>> recent_;  // the newest first
  std::map<Digest, std::list<std::pair<Digest, bool>>::iterator> by_digest_;
};

}  // namespace usage
