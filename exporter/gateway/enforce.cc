#include "gateway/enforce.h"

#include <algorithm>
#include <cstring>

#include "core/utf8.h"
#include "gateway/checker.h"
#include "gateway/enforcer.h"
#include "gateway/parser.h"
#include "gateway/printer.h"
#include "gateway/reach.h"

namespace usage::gateway {
namespace {

constexpr size_t kMostBytes = size_t{1} << 30;  // tokens count bytes in 32 bits

bool AreAscii(const char* eight_bytes) {
  uint64_t word;
  std::memcpy(&word, eight_bytes, sizeof word);
  return (word & 0x8080808080808080) == 0;
}

// Where the first byte that is no UTF-8 stands; the text's size if there is none.
size_t FindBrokenUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    if (at + 8 <= text.size() && AreAscii(text.data() + at)) {
      at += 8;
      continue;
    }
    size_t size = Utf8CharacterSize(text, at);
    if (size == 0) return at;
    at += size;
  }
  return text.size();
}

bool IsGoodText(std::string_view text) {
  return !text.empty() && FindBrokenUtf8(text) == text.size();
}

void CheckText(std::string_view text, const LanguageLimits& limits) {
  size_t most = std::min(limits.max_bytes, kMostBytes);
  if (text.size() > most) {
    throw QueryFault{most, "query is longer than " + std::to_string(most) + " bytes"};
  }
  size_t broken = FindBrokenUtf8(text);
  if (broken < text.size()) throw QueryFault{broken, "invalid UTF-8"};
}

void CheckTenant(const TenantMatcher* tenant) {
  std::string fault = tenant == nullptr ? "" : CheckTenantMatcher(*tenant);
  if (!fault.empty()) throw QueryFault{0, fault};
}

using ParseFunction = void (*)(std::string_view, int, Tree*);

void ParseAndCheck(ParseFunction parse, std::string_view text, const LanguageLimits& limits,
                   Tree* tree) {
  CheckText(text, limits);
  parse(text, std::clamp(limits.max_depth, 1, kDeepest), tree);
  CheckQuery(*tree->root);
}

// With room for what the tenant's matcher adds to a few selectors.
std::string PrintEnforced(std::string_view text, const TenantMatcher* tenant, Tree* tree) {
  std::string out;
  size_t addition = tenant == nullptr ? 0 : tenant->label.size() + tenant->value.size() + 6;
  out.reserve(text.size() + text.size() / 4 + 4 * addition);
  if (tenant != nullptr) Enforce(*tenant, tree);
  Print(*tree->root, out);
  return out;
}

size_t LineBegin(std::string_view query, size_t offset) {
  size_t newline = offset == 0 ? std::string_view::npos : query.rfind('\n', offset - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// For a terminal: as wide as the text, and without anything that moves the cursor.
std::string Printable(std::string_view text) {
  std::string out;
  for (char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return out;
}

}  // namespace

std::string CheckTenantMatcher(const TenantMatcher& matcher) {
  if (matcher.value.empty()) {
    return "the tenant's value is empty: it would select every series without the label";
  }
  if (!IsGoodText(matcher.label)) return "the tenant's label is empty or not UTF-8";
  if (!IsGoodText(matcher.value)) return "the tenant's value is not UTF-8";
  if (matcher.label == "__name__")
    return "the tenant's label can't be the name of metrics, __name__";
  return "";
}

std::string DescribeFault(std::string_view query, const QueryFault& fault) {
  size_t offset = std::min(fault.offset, query.size());
  auto line =
      1 + std::count(query.begin(), query.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
  size_t column = offset - LineBegin(query, offset) + 1;
  return std::to_string(line) + ":" + std::to_string(column) + ": parse error: " + fault.message;
}

std::string PointAtFault(std::string_view query, const QueryFault& fault) {
  size_t offset = std::min(fault.offset, query.size());
  size_t begin = LineBegin(query, offset);
  size_t end = std::min(query.find('\n', offset), query.size());
  std::string_view before = query.substr(begin, offset - begin);
  auto hidden = std::count_if(before.begin(), before.end(), IsContinuation);
  return Printable(query.substr(begin, end - begin)) + "\n" +
         std::string(before.size() - static_cast<size_t>(hidden), ' ') + "^\n" +
         DescribeFault(query, fault) + "\n";
}

Expected<EnforcedQuery, QueryFault> EnforceQuery(std::string_view query,
                                                 const TenantMatcher* tenant,
                                                 const LanguageLimits& limits,
                                                 const TimeFrame& frame) {
  try {
    CheckTenant(tenant);
    Tree tree;
    ParseAndCheck(ParseQuery, query, limits, &tree);
    EnforcedQuery enforced;
    MeasureReach(*tree.root, frame, &enforced);
    enforced.text = PrintEnforced(query, tenant, &tree);
    return enforced;
  } catch (QueryFault& fault) {
    return std::move(fault);
  }
}

Expected<std::string, QueryFault> EnforceSelector(std::string_view selector,
                                                  const TenantMatcher* tenant,
                                                  const LanguageLimits& limits) {
  try {
    CheckTenant(tenant);
    Tree tree;
    ParseAndCheck(ParseSelector, selector, limits, &tree);
    return PrintEnforced(selector, tenant, &tree);
  } catch (QueryFault& fault) {
    return std::move(fault);
  }
}

std::string SelectorOf(const TenantMatcher& tenant) {
  std::string selector = "{";
  PrintMatcher({tenant.label, MatchOp::kEqual, tenant.value}, selector);
  return selector + "}";
}

}  // namespace usage::gateway
