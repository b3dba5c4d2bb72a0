// Text as a scalar of YAML, for Alertmanager's reader (go-yaml 2).
#pragma once

#include <string>
#include <string_view>

namespace usage::alerting {

// Quoted always, so that no text is taken for a number, a date or a truth value: "text", or
// 'te"xt' where that spares escapes. Never more than one line. Bytes that are not UTF-8 become
// U+FFFD: no label of Prometheus's has any.
//
// Not yaml-cpp's emitter, which leaves U+007F as it is, nor JSON's, whose surrogate pairs go-yaml
// refuses.
std::string YamlText(std::string_view text);

}  // namespace usage::alerting
