#include "alerting/changes.h"

#include "alerting/routing_text.h"

namespace usage::alerting {
namespace {

std::string Lines(const char* sign, const std::vector<std::string>& owners) {
  std::string text;
  for (const std::string& owner : owners) text += sign + owner + "\n";
  return text;
}

}  // namespace

Changes ChangesBetween(const std::string& before, const std::string& after) {
  auto old_parts = PartsByOwner(before);
  auto new_parts = PartsByOwner(after);
  Changes changes;
  changes.shared = old_parts[""] != new_parts[""];
  for (const auto& [owner, part] : new_parts) {
    const auto old = old_parts.find(owner);
    if (owner.empty()) continue;
    if (old == old_parts.end()) {
      changes.added.push_back(owner);
    } else if (old->second != part) {
      changes.changed.push_back(owner);
    } else {
      ++changes.unchanged;
    }
  }
  for (const auto& [owner, part] : old_parts) {
    if (!new_parts.contains(owner)) changes.removed.push_back(owner);
  }
  return changes;
}

std::string RefusalOf(const Changes& changes) {
  const size_t removed = changes.removed.size();
  if (removed <= 3 || removed * 10 <= changes.before()) return "";
  return std::to_string(removed) + " of " + std::to_string(changes.before()) +
         " tenants would lose their routes at once: are the lists of tenants and contacts right? "
         "--drop-many drops them all the same";
}

std::string ChangesText(const Changes& changes) {
  std::string text = changes.shared ? "~ what all share\n" : "";
  text += Lines("+ ", changes.added) + Lines("~ ", changes.changed) + Lines("- ", changes.removed);
  return text + std::to_string(changes.added.size()) + " tenant(s) to add, " +
         std::to_string(changes.changed.size()) + " to change, " +
         std::to_string(changes.removed.size()) + " to remove, " +
         std::to_string(changes.unchanged) + " unchanged\n";
}

}  // namespace usage::alerting
