#include "grafana/live_lines.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "core/utf8.h"
#include "metrics/label_text.h"

namespace usage::grafana {
namespace {

constexpr size_t kLongestName = 256;
constexpr char kReplacement[] = "\uFFFD";
constexpr char kWideBackslash[] = "\uFF3C";
constexpr char kSpecial[] = ",= ";

std::string Cut(const std::string& name) {
  size_t size = 0;
  while (size < name.size()) {
    const size_t next = size + std::max<size_t>(1, Utf8CharacterSize(name, size));
    if (next > kLongestName) break;
    size = next;
  }
  return name.substr(0, size);
}

// The protocol has no escape for a backslash: one that is followed by something to escape, or by
// the end, would take part in the escaping.
bool WouldEscape(const std::string& text, size_t at) {
  return at + 1 == text.size() || std::strchr(",= \"\\", text[at + 1]) != nullptr;
}

bool IsControl(char c) { return (static_cast<unsigned char>(c) < 0x20) || c == 0x7f; }

bool SameSubscribers(const AccessUsage& a, const AccessUsage& b, size_t top) {
  const size_t count = std::min(top, a.top.size());
  return count == std::min(top, b.top.size()) &&
         std::equal(a.top.begin(), a.top.begin() + static_cast<ptrdiff_t>(count), b.top.begin());
}

bool SameUsage(const AccessUsage& a, const AccessUsage& b, size_t top) {
  return a.total == b.total && a.today == b.today && a.month == b.month &&
         a.sessions == b.sessions && SameSubscribers(a, b, top);
}

// One line: a measurement with its tags, then fields, then the time.
class Line {
 public:
  Line(std::string* out, const char* measurement, Access access) : out_(*out) {
    out_.append(measurement).append(",access=").append(AccessName(access));
  }

  Line& Tag(const char* name, const std::string& value) {
    out_.append(",").append(name).append("=").append(LiveTag(value));
    return *this;
  }

  // A whole number without a suffix is a float to the protocol.
  template <typename Number>
  Line& Field(const char* name, Number value) {
    char digits[400];
    out_.append(is_first_ ? " " : ",").append(name).append("=");
    out_.append(digits, Write(digits, value));
    is_first_ = false;
    return *this;
  }

  Line& Pair(const std::string& name, Volume volume) {
    Field((name + "_upload_bytes").c_str(), volume.upload);
    return Field((name + "_download_bytes").c_str(), volume.download);
  }

  void End(Instant at) {
    const auto millis = std::chrono::round<std::chrono::milliseconds>(at.time_since_epoch());
    out_.append(" ").append(std::to_string(millis.count())).append("000000\n");
  }

 private:
  template <size_t kSize>
  static char* Write(char (&to)[kSize], uint64_t value) {
    return std::to_chars(to, to + kSize, value).ptr;
  }
  // Never an infinity or NaN, of which one would cost the whole body.
  template <size_t kSize>
  static char* Write(char (&to)[kSize], double value) {
    const double finite = std::isfinite(value) ? value : 0;
    return std::to_chars(to, to + kSize, finite, std::chars_format::fixed).ptr;
  }

  std::string& out_;
  bool is_first_ = true;
};

void AppendTraffic(Access access, const AccessUsage& usage, const Rate& rate, Instant at,
                   std::string* out) {
  Line(out, "traffic", access)
      .Field("upload_bps", rate.upload)
      .Field("download_bps", rate.download)
      .Field("sessions", usage.sessions)
      .Pair("today", usage.today)
      .Pair("month", usage.month)
      .Pair("total", usage.total)
      .End(at);
}

void AppendSubscriber(Access access, const SubscriberUsage& subscriber, Instant at,
                      std::string* out) {
  Line(out, "subscribers", access)
      .Tag("subscriber", subscriber.name)
      .Pair("today", subscriber.today)
      .Pair("month", subscriber.month)
      .End(at);
}

}  // namespace

bool operator==(const LiveFrame& a, const LiveFrame& b) {
  for (size_t i = 0; i < kAccessCount; ++i) {
    const auto& x = a.tenant.access[i];
    const auto& y = b.tenant.access[i];
    if (x.has_value() != y.has_value() || a.rates[i] != b.rates[i]) return false;
    if (x && !SameUsage(*x, *y, a.top)) return false;
  }
  return true;
}

std::string LiveTag(const std::string& raw) {
  const std::string name = Cut(ValidName(raw));
  std::string tag;
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (IsControl(c)) {
      tag += kReplacement;
    } else if (c == '\\' && WouldEscape(name, i)) {
      tag += kWideBackslash;
    } else {
      if (std::strchr(kSpecial, c) != nullptr) tag += '\\';
      tag += c;
    }
  }
  return tag.empty() ? "-" : tag;
}

std::string LiveLines(const LiveFrame& frame, Instant at) {
  std::string lines;
  for (size_t i = 0; i < kAccessCount; ++i) {
    const auto& usage = frame.tenant.access[i];
    if (!usage) continue;
    const auto access = static_cast<Access>(i);
    if (frame.rates[i]) AppendTraffic(access, *usage, *frame.rates[i], at, &lines);
    for (size_t n = 0; n < std::min(frame.top, usage->top.size()); ++n) {
      AppendSubscriber(access, usage->top[n], at, &lines);
    }
  }
  return lines;
}

}  // namespace usage::grafana
