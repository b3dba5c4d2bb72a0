#include "sources/routers/subscriber_name.h"

#include "core/mac.h"

namespace usage {
namespace {

std::optional<std::string_view> Inside(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix) || !name.ends_with('>')) return std::nullopt;
  const std::string_view inside = name.substr(prefix.size(), name.size() - prefix.size() - 1);
  return inside.empty() ? std::nullopt : std::optional(inside);
}

}  // namespace

std::string_view WithoutSessionNumber(std::string_view user) {
  const size_t dash = user.find_last_not_of("0123456789");
  const bool has_number = dash != user.npos && dash > 0 && dash + 1 < user.size();
  return has_number && user[dash] == '-' ? user.substr(0, dash) : user;
}

std::optional<SubscriberName> ParseSubscriberName(std::string_view name) {
  if (const auto user = Inside(name, "<pppoe-")) return SubscriberName{Access::kPppoe, *user, 0};
  const auto inside = Inside(name, "<hotspot-");
  if (!inside) return std::nullopt;
  const auto mac = ParseMac(WithoutSessionNumber(*inside));
  return SubscriberName{Access::kHotspot, mac ? "" : *inside, mac.value_or(0)};
}

}  // namespace usage
