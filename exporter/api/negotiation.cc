#include "api/negotiation.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

namespace usage {
namespace {

constexpr std::string_view kSpace = " \t";

std::string_view Trim(std::string_view s) {
  size_t begin = s.find_first_not_of(kSpace);
  if (begin == s.npos) return {};
  return s.substr(begin, s.find_last_not_of(kSpace) - begin + 1);
}

std::string Lower(std::string_view s) {
  std::string lower(s);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

// Splits at `separator` outside quotes, trimmed, without the empty parts.
std::vector<std::string_view> Split(std::string_view s, char separator) {
  std::vector<std::string_view> parts;
  bool quoted = false;
  size_t begin = 0;
  for (size_t i = 0; i <= s.size(); ++i) {
    if (i < s.size() && s[i] == '"') quoted = !quoted;
    if (i < s.size() && (quoted || s[i] != separator)) continue;
    auto part = Trim(s.substr(begin, i - begin));
    if (!part.empty()) parts.push_back(part);
    begin = i + 1;
  }
  return parts;
}

std::string_view Unquote(std::string_view s) {
  bool quoted = s.size() >= 2 && s.front() == '"' && s.back() == '"';
  return quoted ? s.substr(1, s.size() - 2) : s;
}

// One element of Accept or Accept-Encoding.
struct Range {
  std::string name;     // in lower case
  std::string version;  // "" when not asked for
  double q = 1;
};

// What is not a number from 0 to 1 is no q-value: 0, so that a broken range matches nothing.
double ParseQ(std::string_view text) {
  double q = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), q);
  bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && q >= 0 && q <= 1 ? q : 0;
}

void ApplyParameter(Range* range, std::string_view parameter) {
  size_t equals = parameter.find('=');
  if (equals == parameter.npos) return;
  std::string name = Lower(Trim(parameter.substr(0, equals)));
  std::string_view value = Unquote(Trim(parameter.substr(equals + 1)));
  if (name == "q") range->q = ParseQ(value);
  if (name == "version") range->version = value;
}

std::vector<Range> ParseRanges(std::string_view header) {
  std::vector<Range> ranges;
  for (std::string_view element : Split(header, ',')) {
    auto parts = Split(element, ';');
    if (parts.empty()) continue;
    Range& range = ranges.emplace_back();
    range.name = Lower(parts[0]);
    for (size_t i = 1; i < parts.size(); ++i) ApplyParameter(&range, parts[i]);
  }
  return ranges;
}

struct MediaType {
  std::string_view type;       // "text/plain"
  std::string_view main_type;  // "text/*"
  std::string_view version;
};

// 0: no match; a more specific range decides over a less specific one (RFC 9110 12.5.1).
int Specificity(const Range& range, const MediaType& media) {
  if (range.name == "*/*") return 1;
  if (range.name == media.main_type) return 2;
  if (range.name != media.type) return 0;
  if (range.version.empty()) return 3;
  return range.version == media.version ? 4 : 0;
}

struct Preference {
  double q = 0;
  int specificity = 0;
};

Preference PreferenceFor(const std::vector<Range>& ranges, const MediaType& media) {
  Preference best;
  for (const Range& range : ranges) {
    int specificity = Specificity(range, media);
    if (specificity > best.specificity) best = {range.q, specificity};
  }
  return best;
}

std::optional<double> CodingQ(const std::vector<Range>& ranges, std::string_view coding) {
  for (const Range& range : ranges)
    if (range.name == coding) return range.q;
  return std::nullopt;
}

}  // namespace

Format ChooseFormat(std::string_view accept) {
  auto ranges = ParseRanges(accept);
  auto text = PreferenceFor(ranges, {"text/plain", "text/*", "0.0.4"});
  auto open = PreferenceFor(ranges, {"application/openmetrics-text", "application/*", "1.0.0"});
  if (open.q != text.q) return open.q > text.q ? Format::kOpenMetrics : Format::kText;
  return open.specificity > text.specificity && open.q > 0 ? Format::kOpenMetrics : Format::kText;
}

bool AcceptsGzip(std::string_view accept_encoding) {
  auto ranges = ParseRanges(accept_encoding);
  auto any = CodingQ(ranges, "*");
  auto gzip = CodingQ(ranges, "gzip");
  if (!gzip) gzip = CodingQ(ranges, "x-gzip");  // the same coding (RFC 9110 8.4.1.3)
  if (!gzip) gzip = any;
  double identity = CodingQ(ranges, "identity").value_or(0);
  return gzip && *gzip > 0 && *gzip >= identity;
}

}  // namespace usage
