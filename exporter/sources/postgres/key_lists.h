// Keys as lists in SQL.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

namespace usage {

// Whether it is the text of a uuid as a source writes it.
inline bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    if (is_dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

// An array literal of PostgreSQL, before it is quoted as a text.
inline std::string ArrayLiteral(std::span<const std::string> texts) {
  std::string list;
  for (const std::string& text : texts) {
    list += list.empty() ? "\"" : ",\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') list += '\\';
      list += c;
    }
    list += '"';
  }
  return "{" + list + "}";
}

// Calls `use` with array literals of up to `most` keys each, without the quotes. What is no uuid
// has no row, and is left out.
template <typename Use>
void ForUuidLists(std::span<const std::string> keys, size_t most, const Use& use) {
  while (!keys.empty()) {
    const auto part = keys.first(std::min(most, keys.size()));
    std::string list;
    for (const std::string& key : part) {
      if (IsUuid(key)) list += (list.empty() ? "" : ",") + key;
    }
    if (!list.empty()) use("{" + list + "}");
    keys = keys.subspan(part.size());
  }
}

}  // namespace usage
