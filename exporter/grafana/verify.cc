#include "grafana/verify.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "grafana/org_api.h"
#include "grafana/wanted.h"

namespace usage::grafana {
namespace {

using nlohmann::json;

enum class Found { kSame, kOther, kNothing };

// Every key of `wanted` is in `found` with the same value; Grafana adds keys of its own.
bool Holds(const json& found, const json& wanted) {
  if (!wanted.is_object()) return found == wanted;
  return found.is_object() &&
         std::all_of(wanted.items().begin(), wanted.items().end(), [&](const auto& item) {
           auto it = found.find(item.key());
           return it != found.end() && Holds(*it, item.value());
         });
}

Found Compare(const std::string& found, const json& wanted) {
  if (found.empty()) return Found::kNothing;
  return Holds(json::parse(found), wanted) ? Found::kSame : Found::kOther;
}

class Verifier {
 public:
  Verifier(Client& client, const std::string& admin, KeptOrg* kept)
      : org_(client, OrgId(*kept->org_id)), admin_(admin), kept_(kept) {
    for (const OrgUser& user : org_.Users()) users_[user.login] = user;
    sources_ = json::parse(org_.ReadDataSources());
  }

  void Check(const Part& part) {
    auto applied = kept_->applied.find(part.name());
    if (applied == kept_->applied.end()) return;
    const Found found = Look(part);
    if (found == Found::kNothing) kept_->applied.erase(applied);
    if (found == Found::kOther) applied->second = "differs in Grafana";
  }

  std::vector<std::string> Odd(const WantedOrg& wanted) {
    std::vector<std::string> odd;
    const std::string where = "org " + org_.org().text() + " \"" + wanted.name + "\": ";
    for (const json& source : sources_) {
      if (source.at("uid") == kDataSourceUid) continue;
      odd.push_back(where + "the data source " + source.at("name").dump() + " at " +
                    source.at("url").dump() + " is not usagectl's; it may lead around the gateway");
    }
    for (const auto& [login, user] : users_) {
      if (user.role != "Admin" || login == admin_) continue;
      odd.push_back(where + "user " + login + " is an Admin, who can add data sources");
    }
    return odd;
  }

 private:
  Found Look(const Part& part) {
    switch (part.kind) {
      case PartKind::kUser:
        return LookAtUser(part);
      case PartKind::kLiveAccount:
        return LookAtLiveAccount();
      case PartKind::kDataSource:
        return LookAtDataSource(json::parse(*part.body));
      case PartKind::kFolder:
        return LookAtFolder(part);
      case PartKind::kDashboard:
        return Compare(org_.ReadDashboard(part.key), WantedDashboard(part));
      case PartKind::kPreferences:
        return LookAtPreferences(json::parse(*part.body));
    }
    return Found::kOther;
  }

  // A dashboard reads back as it was sent; its uid is the object's name then.
  static json WantedDashboard(const Part& part) {
    json body = json::parse(*part.body);
    body["spec"].erase("uid");
    return {{"metadata", {{"annotations", body.at("metadata").at("annotations")}}},
            {"spec", body.at("spec")}};
  }

  Found LookAtUser(const Part& part) {
    auto user = std::find_if(users_.begin(), users_.end(), [&](const auto& entry) {
      return strcasecmp(entry.first.c_str(), part.key.c_str()) == 0;
    });
    if (user == users_.end()) return Found::kNothing;
    return user->second.role == part.role ? Found::kSame : Found::kOther;
  }

  Found LookAtLiveAccount() {
    const json found = json::parse(org_.ReadLiveAccounts());
    for (const json& account : found.at("serviceAccounts")) {
      const bool is_it = account.at("name") == kLiveAccount;
      if (is_it) return account.at("role") == "None" ? Found::kSame : Found::kOther;
    }
    return Found::kNothing;
  }

  Found LookAtDataSource(const json& wanted) {
    for (const json& source : sources_) {
      if (source.at("uid") == kDataSourceUid) {
        return Holds(source, wanted) ? Found::kSame : Found::kOther;
      }
    }
    return Found::kNothing;
  }

  Found LookAtFolder(const Part& part) {
    const Found found = Compare(org_.ReadFolder(part.key), json::parse(*part.body));
    if (found != Found::kSame) return found;
    for (const json& right : json::parse(org_.ReadFolderPermissions(part.key))) {
      const bool widens = right.value("role", "") != "Admin" && right.value("permission", 0) > 1 &&
                          right.value("userLogin", "") != admin_;
      if (widens) return Found::kOther;
    }
    return Found::kSame;
  }

  // Grafana leaves out what is the default.
  Found LookAtPreferences(json wanted) {
    for (auto it = wanted.begin(); it != wanted.end();) {
      it = *it == "" || *it == "system" ? wanted.erase(it) : std::next(it);
    }
    return Compare(org_.ReadPreferences(), wanted);
  }

  OrgApi org_;
  const std::string& admin_;
  KeptOrg* kept_;
  std::map<std::string, OrgUser> users_;
  json sources_;
};

}  // namespace

std::vector<std::string> VerifyOrg(Client& client, const WantedOrg& wanted,
                                   const std::string& admin, KeptOrg* kept) {
  Verifier verifier(client, admin, kept);
  for (const Part& part : wanted.parts) verifier.Check(part);
  return verifier.Odd(wanted);
}

}  // namespace usage::grafana
