#include "grafana/org_parts.h"

#include <array>
#include <stdexcept>
#include <utility>

#include "gateway/token_file.h"

namespace usage::grafana {
namespace {

constexpr std::array<std::pair<PartKind, const char*>, 6> kNames = {{
    {PartKind::kUser, "user"},
    {PartKind::kLiveAccount, "live account"},
    {PartKind::kDataSource, "data source"},
    {PartKind::kFolder, "folder"},
    {PartKind::kDashboard, "dashboard"},
    {PartKind::kPreferences, "preferences"},
}};

}  // namespace

const char* KindName(PartKind kind) {
  for (const auto& [known, name] : kNames) {
    if (known == kind) return name;
  }
  throw std::logic_error("a part of no kind");
}

std::string Part::name() const {
  return key.empty() ? KindName(kind) : std::string(KindName(kind)) + " " + key;
}

Part MakePart(PartKind kind, std::string key, std::shared_ptr<const std::string> body,
              std::string role) {
  Part part{kind, std::move(key), std::move(body), "", std::move(role)};
  part.hash = gateway::Sha256Hex(*part.body + part.role).substr(0, 16);
  return part;
}

PartName ParsePartName(const std::string& name) {
  for (const auto& [kind, text] : kNames) {
    const std::string word = text;
    if (name == word) return {kind, ""};
    if (name.starts_with(word + " ")) return {kind, name.substr(word.size() + 1)};
  }
  throw std::runtime_error("the ledger's grafana_org has a part '" + name +
                           "', which this usagectl does not know: run the version that wrote it");
}

}  // namespace usage::grafana
