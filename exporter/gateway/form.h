// application/x-www-form-urlencoded, as it stands in URLs and in POST bodies.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace usage::gateway {

using FormField = std::pair<std::string, std::string>;
using Form = std::vector<FormField>;

// Appends the fields of `text` to `*form`. False where two readers could disagree: a '%' without
// two hex digits, a ';' (once a separator), a byte that must have been escaped, a field without a
// name or without '='.
bool ParseForm(std::string_view text, Form* form);

// "a=b&c=d": every byte but letters, digits and -._~ is escaped.
std::string EncodeForm(const Form& form);

}  // namespace usage::gateway
