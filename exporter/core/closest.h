// "Did you mean": the known word that a mistyped one is nearest to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace usage {

// The candidate within two typing errors (a letter missing, added, changed, or two swapped), but
// fewer than half of the word's letters; "" when there is none.
std::string ClosestWord(std::string_view word, const std::vector<std::string>& candidates);

// ": did you mean 'x'?" for such a word, "" for none: to append to a message.
std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace usage
