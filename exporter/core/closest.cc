#include "core/closest.h"

#include <algorithm>

namespace usage {
namespace {

using Row = std::vector<size_t>;

bool Swapped(std::string_view a, std::string_view b, size_t i, size_t j) {
  return i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
}

// Damerau's edit distance (optimal string alignment) in three rows.
size_t EditDistance(std::string_view a, std::string_view b) {
  Row before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    before.swap(last);
    last.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (Swapped(a, b, i, j)) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string ClosestWord(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.size() > 64) return "";  // not a typing error, and the distance is quadratic
  size_t best = std::min<size_t>(2, (word.size() - 1) / 2) + 1;
  std::string closest;
  for (const std::string& candidate : candidates) {
    size_t distance = EditDistance(word, candidate);
    if (distance >= best) continue;
    best = distance;
    closest = candidate;
  }
  return closest;
}

std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates) {
  std::string closest = word.empty() ? "" : ClosestWord(word, candidates);
  return closest.empty() ? "" : ": did you mean '" + closest + "'?";
}

}  // namespace usage
