#include "metrics/label_text.h"

#include <algorithm>

namespace usage {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

struct Lead {
  size_t length;      // of the sequence that it begins; 0: begins none
  unsigned char low;  // range of its second byte
  unsigned char high;
};

// Table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing past U+10FFFF.
Lead LeadOf(unsigned char c) {
  if (c < 0x80) return {1, 0, 0};
  if (c >= 0xC2 && c <= 0xDF) return {2, 0x80, 0xBF};
  if (c == 0xE0) return {3, 0xA0, 0xBF};
  if (c == 0xED) return {3, 0x80, 0x9F};
  if (c >= 0xE1 && c <= 0xEF) return {3, 0x80, 0xBF};
  if (c == 0xF0) return {4, 0x90, 0xBF};
  if (c >= 0xF1 && c <= 0xF3) return {4, 0x80, 0xBF};
  if (c == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

struct Sequence {
  std::string_view bytes;  // one character, or one bad sequence
  bool valid;
};

// The sequence that `text`, not empty, begins with.
Sequence First(std::string_view text) {
  const Lead lead = LeadOf(static_cast<unsigned char>(text[0]));
  size_t have = 1;
  for (; have < std::min(lead.length, text.size()); ++have) {
    const auto c = static_cast<unsigned char>(text[have]);
    const bool fits = have == 1 ? c >= lead.low && c <= lead.high : (c & 0xC0) == 0x80;
    if (!fits) break;
  }
  return {text.substr(0, have), have == lead.length};
}

template <typename Visit>
void ForEachSequence(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const Sequence next = First(text);
    visit(next);
    text.remove_prefix(next.bytes.size());
  }
}

void AppendHex(std::string_view bytes, std::string& out) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (const char byte : bytes) {
    out += kDigits[static_cast<unsigned char>(byte) >> 4];
    out += kDigits[static_cast<unsigned char>(byte) & 15];
  }
}

bool NeedsEscape(char c) { return c == '\\' || c == '"' || c == '\n'; }

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

bool IsValid(std::string_view text) {
  bool valid = true;
  if (IsAscii(text)) return valid;
  ForEachSequence(text, [&](const Sequence& s) { valid = valid && s.valid; });
  return valid;
}

// What is behind each U+FFFD of ValidText(raw): "e9.f09f". With the text it gives back the raw
// bytes; a U+FFFD that was there before is listed too, else it could play a bad byte's part.
std::string Replaced(std::string_view raw) {
  std::string list;
  ForEachSequence(raw, [&](const Sequence& s) {
    if (s.valid && s.bytes != kReplacement) return;
    if (!list.empty()) list += '.';
    AppendHex(s.bytes, list);
  });
  return list;
}

}  // namespace

std::string ValidText(std::string_view raw) {
  std::string text;
  text.reserve(raw.size());
  ForEachSequence(raw, [&](const Sequence& s) { text += s.valid ? s.bytes : kReplacement; });
  return text;
}

std::string ValidName(std::string_view raw) {
  return IsValid(raw) ? std::string(raw) : ValidText(raw) + '~' + Replaced(raw);
}

void AppendEscaped(std::string_view text, std::string& out) {
  if (std::none_of(text.begin(), text.end(), NeedsEscape)) {
    out += text;
    return;
  }
  for (const char c : text) {
    if (NeedsEscape(c)) out += '\\';
    out += c == '\n' ? 'n' : c;
  }
}

}  // namespace usage
