// bcrypt hashes of passwords, as htpasswd -B writes them.
#pragma once

#include <optional>
#include <string>

namespace usage {

// The cost (4 to 31: 2^cost rounds) of a hash "$2a$…", "$2b$…" or "$2y$…"; none when it isn't one.
std::optional<int> BcryptCost(const std::string& hash);

// A hash of that cost that no known password has: checking against it takes the same time.
std::string BcryptDecoy(int cost);

// Some 2^cost * 70 µs of CPU. False for a password with a NUL in it: crypt(3) would not see the
// rest. Thread-safe.
bool BcryptMatches(const std::string& password, const std::string& hash);

}  // namespace usage
