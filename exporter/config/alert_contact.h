// What may stand in a contact, be it in the configuration or in a row of the database.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "core/expected.h"

namespace usage {

// "email", "webhook", "slack", "telegram", in any case.
Expected<AlertChannel> ParseAlertChannel(std::string_view word);
const char* AlertChannelName(AlertChannel channel);

// "info", "warning", "critical", in any case.
Expected<AlertSeverity> ParseAlertSeverity(std::string_view word);

// Why no notification can go there; "" when one can. Never has the address in it.
std::string AddressFault(AlertChannel channel, const std::string& address);

// Why a webhook's URL is none; "" when it is one.
std::string WebhookFault(const std::string& url);

// "22:00-06:00": into the next day where the end is before the begin. Sets `begin` and `end`; the
// result is what is wrong, "" when nothing is.
std::string ReadQuietHours(std::string_view text, QuietTime* out);

// "saturday", "Sunday"; sets `days`, likewise.
std::string ReadQuietDays(const std::vector<std::string>& words, QuietTime* out);

}  // namespace usage
