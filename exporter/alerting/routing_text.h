// Alertmanager's configuration file, for machines and for people who look into it.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "alerting/routing.h"

namespace usage::alerting {

enum class Secrets { kShown, kHidden };

// The file. The same for the same routing. Secrets stand in it where Alertmanager 0.25 has no
// option that names a file: webhooks' URLs, Telegram's token, Slack's URLs of the database.
// kHidden: <secret> instead, which Alertmanager does not take.
std::string RoutingText(const Routing& routing, const RoutingInput& input, Secrets secrets);

// Whether usagectl made that file.
bool IsOurs(std::string_view text);

// The file's parts, tenant by tenant: "tenant/acme" → all lines that are its alone; "" → those
// that all share.
std::map<std::string, std::string> PartsByOwner(std::string_view text);

}  // namespace usage::alerting
