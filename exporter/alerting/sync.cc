#include "alerting/sync.h"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "alerting/amtool.h"
#include "alerting/routing_text.h"

namespace usage::alerting {
namespace {

// Secrets are in it: for its owner and its group, Alertmanager's.
constexpr mode_t kMode = 0640;
constexpr std::string_view kHidden = "<secret>";

std::optional<std::string> TextIn(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    if (::access(file.c_str(), F_OK) != 0) return std::nullopt;
    throw std::runtime_error(file + ": can't be read; sync must run as a user who may");
  }
  return std::string(std::istreambuf_iterator<char>(in), {});
}

void RefuseStranger(const std::string& file, const std::optional<std::string>& text) {
  if (!text || text->empty() || IsOurs(*text)) return;
  throw std::runtime_error(file +
                           ": was not made by usagectl, which would overwrite it; move it away "
                           "(what is needed of it belongs into the section alerting) and sync "
                           "again");
}

}  // namespace

Sync::Sync(const Config& config, const SyncOptions& options)
    : config_(AlertingOf(config)), options_(options) {
  // First: whoever waited for the lock must not write what he had read before.
  if (options.apply) lock_.emplace(config_.file);
  house_ = ReadHouse(config);
  routing_ = MakeRouting(house_.input);
  text_ = RoutingText(routing_, house_.input, Secrets::kShown);
  old_text_ = TextIn(config_.file);
  RefuseStranger(config_.file, old_text_);
  changes_ = ChangesBetween(old_text_.value_or(""), text_);
}

std::vector<std::string> Sync::warnings() const {
  std::vector<std::string> all = house_.warnings;
  all.insert(all.end(), routing_.warnings.begin(), routing_.warnings.end());
  return all;
}

SyncResult Sync::Apply() {
  const std::string refusal = RefusalOf(changes_);
  if (!refusal.empty() && !options_.drop_many) throw std::runtime_error(refusal);
  Server server(config_);
  if (old_text_ != text_) {
    PutInPlace();
    return Load(&server);
  }
  const Expected<bool> runs = server.RunsOn(text_);
  if (runs && *runs) return {};
  return Load(&server);
}

// The check is of the draft, in the same folder: what Alertmanager will read is what was checked,
// relative names included.
void Sync::PutInPlace() {
  FileDraft draft(config_.file, text_, kMode);
  const std::string fault = AmtoolFault(config_.amtool, draft.name());
  if (!fault.empty()) {
    throw std::runtime_error("amtool refuses the new file, the old one stays: " +
                             WithoutSecrets(fault));
  }
  draft.Commit();
}

SyncResult Sync::Load(Server* server) {
  const ReloadAnswer answer = server->Reload();
  if (answer.reloaded == Reloaded::kRefused) return PutBack(server, WithoutSecrets(answer.why));
  if (answer.reloaded == Reloaded::kNoAnswer) {
    return {Outcome::kNotLoaded, WithoutSecrets(answer.why) + "; " + config_.file +
                                     " is new and checked: Alertmanager takes it when it starts, "
                                     "or at the next sync"};
  }
  const Expected<bool> runs = server->RunsOn(text_);
  if (runs && *runs) return {Outcome::kLoaded, ""};
  return {Outcome::kNotLoaded,
          runs ? "Alertmanager has loaded a file that is not " + config_.file +
                     "; start it with that one as --config.file, or correct alerting.file"
               : runs.error() + "; nobody knows which file it runs on"};
}

// A file that was there already, and is refused now, has nothing to give way to.
SyncResult Sync::PutBack(Server* server, const std::string& why) {
  const std::string refused = "Alertmanager refuses the file: " + why;
  const std::string remedy = "; may its user read the file, its folder and the templates?";
  if (old_text_ == text_) return {Outcome::kRefused, refused + remedy};
  if (!old_text_) {
    ::unlink(config_.file.c_str());
    return {Outcome::kRefused, refused + "; it is taken away again" + remedy};
  }
  FileDraft(config_.file, *old_text_, kMode).Commit();
  // So that it does not count as the one that failed last.
  server->Reload();
  return {Outcome::kRefused, refused + "; the old one is back" + remedy};
}

std::string Sync::WithoutSecrets(std::string text) const {
  const auto hide = [&](const std::string& secret) {
    if (secret.empty()) return;
    for (size_t at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + kHidden.size())) {
      text.replace(at, secret.size(), kHidden);
    }
  };
  hide(house_.input.telegram_token);
  hide(house_.input.watchdog_url);
  for (const AlertContact& contact : house_.input.contacts) {
    const bool is_url =
        contact.channel == AlertChannel::kSlack || contact.channel == AlertChannel::kWebhook;
    if (is_url) hide(contact.address);
  }
  return text;
}

}  // namespace usage::alerting
