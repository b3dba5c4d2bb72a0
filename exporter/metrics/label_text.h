// Text from databases, made fit for the exposition formats: both must be valid UTF-8, and
// Prometheus drops a scrape that is not.
#pragma once

#include <string>
#include <string_view>

namespace usage {

// `raw` with every bad byte sequence (a "maximal subpart" of the Unicode standard, 3.9) replaced
// by U+FFFD. For texts that only describe: two different raw texts can become the same.
std::string ValidText(std::string_view raw);

// `raw` itself if it is valid UTF-8. Else ValidText(raw) + "~" + what the bytes behind each U+FFFD
// were: "caf\xE9" becomes "caf\uFFFD~e9". So different names stay different, each is the same in
// every scrape whoever else is in it, and a name that went through here once stays as it is. (The
// price: a valid name can spell what a broken one becomes.)
std::string ValidName(std::string_view raw);

// Appends `text` as a label value between its quotes: \ " and line feed escaped, all else as is
// (both formats allow control characters and NUL).
void AppendEscaped(std::string_view text, std::string& out);

}  // namespace usage
