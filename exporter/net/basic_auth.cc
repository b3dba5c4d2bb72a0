#include "net/basic_auth.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <strings.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "net/bcrypt.h"

namespace usage {
namespace {

constexpr size_t kRemembered = 1024;
// Of the server's threads, the rest must stay free for those whose password is known.
constexpr int kMostWaiting = 3;

std::optional<std::string> DecodeBase64(const std::string& text) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > 8192) return std::nullopt;
  size_t padding = text.size() - std::min(text.find('='), text.size());
  bool padded_at_the_end = text.find_first_not_of('=', text.size() - padding) == std::string::npos;
  if (padding > 2 || !padded_at_the_end) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                             reinterpret_cast<const unsigned char*>(text.data()),
                             static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  bytes.resize(static_cast<size_t>(size) - padding);
  return bytes;
}

int HighestCost(const std::map<std::string, std::string>& users) {
  int highest = 4;
  for (const auto& [user, hash] : users) highest = std::max(highest, BcryptCost(hash).value_or(4));
  return highest;
}

std::string RandomKey() {
  unsigned char bytes[32];
  if (RAND_bytes(bytes, sizeof bytes) != 1) throw std::runtime_error("no random numbers to be had");
  return std::string(reinterpret_cast<const char*>(bytes), sizeof bytes);
}

}  // namespace

std::string BasicAuthorization(const Credentials& credentials) {
  const std::string pair = credentials.user + ":" + credentials.password;
  std::string base64(4 * (pair.size() / 3 + 1) + 1, '\0');  // EVP_EncodeBlock ends it with a zero
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()),
                                   reinterpret_cast<const unsigned char*>(pair.data()),
                                   static_cast<int>(pair.size()));
  return "Basic " + base64.substr(0, static_cast<size_t>(size));
}

std::optional<Credentials> ParseBasicAuthorization(const std::string& header) {
  constexpr size_t kScheme = 6;  // "Basic "
  if (strncasecmp(header.c_str(), "Basic ", kScheme) != 0) return std::nullopt;
  size_t begin = header.find_first_not_of(' ', kScheme);
  if (begin == std::string::npos) return std::nullopt;
  std::optional<std::string> pair = DecodeBase64(header.substr(begin));
  size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{pair->substr(0, colon), pair->substr(colon + 1)};
}

BasicAuth::BasicAuth(std::map<std::string, std::string> users)
    : users_(std::move(users)), decoy_(BcryptDecoy(HighestCost(users_))), key_(RandomKey()) {}

BasicAuth::Verdict BasicAuth::Check(const Credentials& credentials) {
  Digest digest = DigestOf(credentials);
  if (auto known = Remembered(digest)) return *known ? Verdict::kAllowed : Verdict::kDenied;
  {
    std::lock_guard lock(mutex_);
    if (waiting_ >= kMostWaiting) return Verdict::kBusy;
    ++waiting_;
  }
  bool allowed;
  {
    std::lock_guard turn(bcrypt_);
    auto known = Remembered(digest);  // by the one before in the queue
    allowed = known ? *known : Verify(credentials);
  }
  Remember(digest, allowed);
  std::lock_guard lock(mutex_);
  --waiting_;
  return allowed ? Verdict::kAllowed : Verdict::kDenied;
}

BasicAuth::Digest BasicAuth::DigestOf(const Credentials& credentials) const {
  // The length in front keeps ("ab", "c") and ("a", "bc") apart.
  std::string text =
      std::to_string(credentials.user.size()) + ":" + credentials.user + credentials.password;
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  OPENSSL_cleanse(text.data(), text.size());
  return Digest(reinterpret_cast<const char*>(digest), size);
}

// The look-up's time depends on the digest only, which a client without the key can't steer.
std::optional<bool> BasicAuth::Remembered(const Digest& digest) {
  std::lock_guard lock(mutex_);
  auto found = by_digest_.find(digest);
  if (found == by_digest_.end()) return std::nullopt;
  recent_.splice(recent_.begin(), recent_, found->second);
  return found->second->second;
}

void BasicAuth::Remember(const Digest& digest, bool allowed) {
  std::lock_guard lock(mutex_);
  if (by_digest_.contains(digest)) return;
  recent_.emplace_front(digest, allowed);
  by_digest_[digest] = recent_.begin();
  if (recent_.size() <= kRemembered) return;
  by_digest_.erase(recent_.back().first);
  recent_.pop_back();
}

bool BasicAuth::Verify(const Credentials& credentials) const {
  auto user = users_.find(credentials.user);
  if (user != users_.end()) return BcryptMatches(credentials.password, user->second);
  BcryptMatches(credentials.password, decoy_);
  return false;
}

}  // namespace usage
