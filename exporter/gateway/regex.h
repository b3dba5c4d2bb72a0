// Regular expressions of matchers: RE2's, anchored at both ends.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/expected.h"

namespace usage::gateway {

// Whether the whole of "" matches; an error for what is no expression.
Expected<bool> RegexMatchesEmpty(std::string_view regex);

// The same for the plain ones (words, alternatives, groups, . * + ?), which need no library and are
// nearly all that dashboards send. No value: ask RE2.
std::optional<bool> PlainRegexMatchesEmpty(std::string_view regex);

}  // namespace usage::gateway
