#include "alerting/yaml_text.h"

#include <cstdint>
#include <cstdio>

#include "core/utf8.h"

namespace usage::alerting {
namespace {

constexpr uint32_t kReplacement = 0xfffd;

struct Character {
  std::string_view bytes;
  uint32_t code = 0;
};

Character CharacterAt(std::string_view text, size_t at) {
  const size_t size = Utf8CharacterSize(text, at);
  if (size == 0) return {text.substr(at, 1), kReplacement};
  const auto first = static_cast<unsigned char>(text[at]);
  uint32_t code = size == 1 ? first : first & (0xffu >> (size + 1));
  for (size_t i = 1; i < size; ++i) {
    code = code << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3fu);
  }
  return {text.substr(at, size), code};
}

// YAML 1.1's printable ones, without what breaks a line and the byte order mark.
bool IsPlain(const Character& character) {
  const uint32_t code = character.code;
  if (code == kReplacement) return false;
  return (code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code < 0x2028) ||
         (code > 0x2029 && code < 0xfeff) || (code > 0xfeff && code < 0xfffe) || code >= 0x10000;
}

template <typename Visit>
void ForEachCharacter(std::string_view text, Visit visit) {
  for (size_t at = 0; at < text.size();) {
    const Character character = CharacterAt(text, at);
    visit(character);
    at += character.bytes.size();
  }
}

std::string Escape(uint32_t code) {
  char text[12];
  std::snprintf(text, sizeof text, "\\u%04X", code);
  return text;
}

std::string SingleQuoted(std::string_view text) {
  std::string quoted = "'";
  for (char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

std::string DoubleQuoted(std::string_view text) {
  std::string quoted = "\"";
  ForEachCharacter(text, [&](const Character& character) {
    if (character.code == '"' || character.code == '\\') quoted += '\\';
    quoted += character.code == '\n' ? "\\n"
              : IsPlain(character)   ? std::string(character.bytes)
                                     : Escape(character.code);
  });
  return quoted + "\"";
}

}  // namespace

std::string YamlText(std::string_view text) {
  bool is_plain = true;
  ForEachCharacter(text, [&](const Character& character) { is_plain &= IsPlain(character); });
  const bool spares_escapes = text.find_first_of("\"\\") != std::string_view::npos;
  return is_plain && spares_escapes ? SingleQuoted(text) : DoubleQuoted(text);
}

}  // namespace usage::alerting
