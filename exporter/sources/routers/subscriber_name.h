// The names that RouterOS gives to what it makes for a subscriber's session. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/types.h"

namespace usage {

struct SubscriberName {
  Access access = Access::kPppoe;
  std::string_view user;  // with the number of a second session, as in "bob-1"; "": `mac` says it
  uint64_t mac = 0;       // of a hotspot's client without a name; 0: `user` says it
};

// "<pppoe-USER>", "<hotspot-USER>", "<hotspot-02:00:00:00:00:01-3>". No value for any other name.
std::optional<SubscriberName> ParseSubscriberName(std::string_view name);

// "bob" of "bob-1", which is the second session of `bob` unless there is a user of that name; the
// name itself where it ends with no number.
std::string_view WithoutSessionNumber(std::string_view user);

// Of dynamic interfaces and queues, which RouterOS takes away with the session. Where a name was
// cut off, its end is missing.
inline bool IsDynamicName(std::string_view name) { return name.starts_with('<'); }

}  // namespace usage
