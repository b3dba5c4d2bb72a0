#include "net/bcrypt.h"

#include <crypt.h>
#include <openssl/crypto.h>

#include <cctype>
#include <memory>
#include <string_view>

namespace usage {
namespace {

constexpr std::string_view kAlphabet =
    "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr size_t kHashLength = 60;  // "$2b$10$", 22 characters of salt, 31 of hash

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool SameBytes(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::optional<int> BcryptCost(const std::string& hash) {
  if (hash.size() != kHashLength) return std::nullopt;
  std::string_view kind = std::string_view(hash).substr(0, 4);
  if (kind != "$2a$" && kind != "$2b$" && kind != "$2y$") return std::nullopt;
  if (!IsDigit(hash[4]) || !IsDigit(hash[5]) || hash[6] != '$') return std::nullopt;
  if (hash.find_first_not_of(kAlphabet, 7) != std::string::npos) return std::nullopt;
  int cost = (hash[4] - '0') * 10 + hash[5] - '0';
  return cost >= 4 && cost <= 31 ? std::optional(cost) : std::nullopt;
}

std::string BcryptDecoy(int cost) {
  std::string digits = {static_cast<char>('0' + cost / 10), static_cast<char>('0' + cost % 10)};
  return "$2b$" + digits + "$" + std::string(22, 'O') + std::string(31, '.');
}

bool BcryptMatches(const std::string& password, const std::string& hash) {
  if (password.find('\0') != std::string::npos) return false;
  auto work = std::make_unique<crypt_data>();  // 32 KiB: too much for a small stack
  const char* result = ::crypt_r(password.c_str(), hash.c_str(), work.get());
  bool matches = result != nullptr && SameBytes(result, hash);
  OPENSSL_cleanse(work.get(), sizeof *work);
  return matches;
}

}  // namespace usage
