// Text for a terminal of 80 columns.
#pragma once

#include <string>
#include <string_view>

namespace usage {

inline constexpr size_t kTerminalWidth = 80;

// Breaks `text` at its spaces so that no line is longer than `width`, lines after the first begin
// with `indent` spaces, and `column` stand before the first one already. A word that is longer has
// a line of its own. Line breaks of the text stay. No newline at the end.
std::string Wrapped(std::string_view text, size_t indent, size_t column = 0,
                    size_t width = kTerminalWidth);

}  // namespace usage
