// What a new file changes for whom, as people read it.
#pragma once

#include <string>
#include <vector>

namespace usage::alerting {

struct Changes {
  std::vector<std::string> added;  // tenants, as TenantName calls them; sorted
  std::vector<std::string> changed;
  std::vector<std::string> removed;
  size_t unchanged = 0;
  bool shared = false;  // what all tenants and the operator have in common

  bool empty() const { return added.empty() && changed.empty() && removed.empty() && !shared; }
  size_t before() const { return changed.size() + removed.size() + unchanged; }
};

// Of two texts of RoutingText; `before` may be empty.
Changes ChangesBetween(const std::string& before, const std::string& after);

// A list of tenants or contacts that was read wrong looks like many who left: more than a tenth,
// and more than three. Then the message to refuse with, else "".
std::string RefusalOf(const Changes& changes);

// A line for each that changes, and one that sums up.
std::string ChangesText(const Changes& changes);

}  // namespace usage::alerting
