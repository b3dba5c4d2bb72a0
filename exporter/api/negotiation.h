// What a client wants, by RFC 9110 section 12.5, as scrapers and browsers write it.
#pragma once

#include <string_view>

#include "metrics/exposition.h"

namespace usage {

// The format that `accept` (the value of Accept; may be empty) prefers by its q-values. A range
// that asks for another version, or a q of 0, is no match. The text format where nothing fits or
// both fit equally well: a scraper is better off with text than with 406.
Format ChooseFormat(std::string_view accept);

// Whether `accept_encoding` (may be empty) takes gzip at least as gladly as no encoding.
bool AcceptsGzip(std::string_view accept_encoding);

}  // namespace usage
