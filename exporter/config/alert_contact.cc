#include "config/alert_contact.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "core/utf8.h"

namespace usage {
namespace {

constexpr std::array kChannels = {"email", "webhook", "slack", "telegram"};
constexpr std::array kSeverities = {"info", "warning", "critical"};
constexpr std::array kDays = {"monday", "tuesday",  "wednesday", "thursday",
                              "friday", "saturday", "sunday"};
constexpr size_t kMostAddressBytes = 2000;

std::string Lowered(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lowered;
}

template <size_t kCount>
std::optional<size_t> IndexOf(std::string_view word, const std::array<const char*, kCount>& words) {
  const auto found = std::find(words.begin(), words.end(), Lowered(word));
  if (found == words.end()) return std::nullopt;
  return static_cast<size_t>(found - words.begin());
}

// Characters that show, no blanks; not "{{", which begins a template of Alertmanager's.
bool IsOneWord(const std::string& text) {
  for (size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const size_t size = Utf8CharacterSize(text, at);
    if (size == 0 || byte <= 0x20 || byte == 0x7f) return false;
    at += size;
  }
  return !text.empty() && text.size() <= kMostAddressBytes && text.find("{{") == std::string::npos;
}

// More than one would be a list to Alertmanager, and reach whom nobody checked.
std::string EmailFault(const std::string& address) {
  const size_t at = address.find('@');
  const bool good = IsOneWord(address) && at != std::string::npos && at > 0 &&
                    at + 1 < address.size() && address.find('@', at + 1) == std::string::npos &&
                    address.find_first_of(",;:<>()[]\"\\") == std::string::npos;
  return good ? "" : "is not one e-mail address such as noc@example.org";
}

std::string ChatFault(const std::string& chat) {
  int64_t number = 0;
  const char* end = chat.data() + chat.size();
  const auto [stop, error] = std::from_chars(chat.data(), end, number);
  const bool good = error == std::errc() && stop == end && number != 0;
  return good ? "" : "is not the number of a Telegram chat, such as -1001234567890";
}

// "22:00" as minutes of the day.
std::optional<int> MinuteOf(std::string_view text) {
  const auto digit = [&](size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  if (!digit(0) || !digit(1) || !digit(3) || !digit(4)) return std::nullopt;
  const auto number = [&](size_t i) { return (text[i] - '0') * 10 + (text[i + 1] - '0'); };
  const int minute = number(0) * 60 + number(3);
  if (number(3) > 59 || minute > 24 * 60) return std::nullopt;
  return minute;
}

}  // namespace

Expected<AlertChannel> ParseAlertChannel(std::string_view word) {
  const auto index = IndexOf(word, kChannels);
  if (!index) return Error{"is not email, webhook, slack or telegram"};
  return static_cast<AlertChannel>(*index);
}

const char* AlertChannelName(AlertChannel channel) {
  return kChannels.at(static_cast<size_t>(channel));
}

Expected<AlertSeverity> ParseAlertSeverity(std::string_view word) {
  const auto index = IndexOf(word, kSeverities);
  if (!index) return Error{"is not info, warning or critical"};
  return static_cast<AlertSeverity>(*index);
}

std::string AddressFault(AlertChannel channel, const std::string& address) {
  switch (channel) {
    case AlertChannel::kEmail:
      return EmailFault(address);
    case AlertChannel::kTelegram:
      return ChatFault(address);
    case AlertChannel::kWebhook:
    case AlertChannel::kSlack:
      return WebhookFault(address);
  }
  return "";
}

// What Go's net/url would refuse must not reach Alertmanager: it would refuse the whole file.
std::string WebhookFault(const std::string& url) {
  const size_t begin = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  const size_t end = std::min(url.find_first_of("/?#", begin), url.size());
  const Expected<HttpUrl> host = ParseHttpUrl(url.substr(0, end));
  bool good = begin > 0 && IsOneWord(url) && host;
  for (size_t i = 0; i < url.size() && good; ++i) {
    if (url[i] != '%') continue;
    good = i + 2 < url.size() && std::isxdigit(static_cast<unsigned char>(url[i + 1])) != 0 &&
           std::isxdigit(static_cast<unsigned char>(url[i + 2])) != 0;
  }
  return good ? "" : "is not an http or https URL such as https://example.org/hook";
}

std::string ReadQuietHours(std::string_view text, QuietTime* out) {
  const size_t dash = text.find('-');
  const auto begin = MinuteOf(text.substr(0, dash));
  const auto end = dash == std::string_view::npos ? begin : MinuteOf(text.substr(dash + 1));
  if (!begin || !end || *begin == *end || *begin == 24 * 60) {
    return "is not a time of the day such as 22:00-06:00";
  }
  out->begin = *begin;
  out->end = *end;
  return "";
}

std::string ReadQuietDays(const std::vector<std::string>& words, QuietTime* out) {
  std::array<bool, 7> days{};
  for (const std::string& word : words) {
    const auto index = IndexOf(word, kDays);
    if (!index) return "has a day that is not one of monday to sunday, written out";
    days.at(*index) = true;
  }
  if (std::find(days.begin(), days.end(), false) == days.end()) {
    return "has every day: nothing would ever be sent; take the contact out";
  }
  out->days = days;
  return "";
}

}  // namespace usage
