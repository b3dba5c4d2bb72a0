// The rights that docs/grants.md gives, taken from the page itself.
#pragma once

#include <stdexcept>
#include <string>

#include "tests/support/postgres.h"

namespace usage::testing {

inline void ReplaceAll(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

// The SQL of the section with that heading.
inline std::string GrantsOf(const std::string& heading) {
  const std::string page = ReadFile(USAGE_SOURCE_DIR "/docs/grants.md");
  const size_t section = page.find("# " + heading + "\n");
  const size_t begin = page.find("```sql\n", section);
  if (section == std::string::npos || begin == std::string::npos) {
    throw std::runtime_error("docs/grants.md has no statements for " + heading);
  }
  return page.substr(begin + 7, page.find("```\n", begin) - begin - 7);
}

// To `role`, which the page calls usage_reader; `schema` stands for tenant_a.
inline void GrantAsDocumented(TestDatabase& database, const std::string& heading,
                              const std::string& role, const std::string& schema = "") {
  std::string sql = GrantsOf(heading);
  ReplaceAll(sql, "usage_reader", role);
  ReplaceAll(sql, "tenant_a", "\"" + schema + "\"");
  database.Exec(sql);
}

}  // namespace usage::testing
