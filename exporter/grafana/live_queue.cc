#include "grafana/live_queue.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace usage::grafana {
namespace {

// Each org has its own: else those that began together would for ever come due together, and one
// with news would wait behind all of them.
LiveQueue::Milliseconds Silence(const std::string& tenant) {
  const LiveQueue::Milliseconds longest = LiveQueue::kLongestSilence;
  const size_t part = std::hash<std::string>()(tenant) % static_cast<size_t>(longest.count() / 2);
  return longest - LiveQueue::Milliseconds(part);
}

}  // namespace

void LiveQueue::Schedule(const std::string& tenant, Slot& slot, Time due) {
  if (!slot.sending) Unschedule(tenant, slot);
  slot.due = due;
  if (!slot.sending) order_.emplace(due, tenant);
}

// A slot whose push is under way goes when that ends.
void LiveQueue::RemoveOthers(const LiveTokenMap& tokens) {
  for (auto it = slots_.begin(); it != slots_.end();) {
    auto& [tenant, slot] = *it;
    const bool stays = tokens.contains(tenant);
    if (!stays) slot.token.clear();
    if (!stays && !slot.sending) Unschedule(tenant, slot);
    it = stays || slot.sending ? std::next(it) : slots_.erase(it);
  }
}

void LiveQueue::SetTokens(const LiveTokenMap& tokens, Time now) {
  RemoveOthers(tokens);
  for (const auto& [tenant, token] : tokens) {
    const auto [it, is_new] = slots_.try_emplace(tenant);
    Slot& slot = it->second;
    if (!is_new && slot.token == token) continue;
    slot.token = token;
    slot.refused = false;
    slot.fresh = true;
    Schedule(tenant, slot, now);
  }
}

void LiveQueue::Changed(const std::string& tenant, Time now) {
  const auto it = slots_.find(tenant);
  if (it == slots_.end()) return;
  Slot& slot = it->second;
  if (slot.fresh) {
    dropped_ += slot.due <= now && !slot.refused ? 1 : 0;
    return;
  }
  Renew(tenant, slot, now);
}

std::optional<LiveQueue::Job> LiveQueue::Take(Time now) {
  const std::optional<Time> due = NextDue();
  if (!due || now < *due) return std::nullopt;
  const std::string tenant = order_.begin()->second;
  order_.erase(order_.begin());
  Slot& slot = slots_.at(tenant);
  slot.sending = true;
  slot.fresh = slot.refused = false;
  slot.earliest = now + interval_;
  slot.due = now + Silence(tenant);
  ++sending_;
  return Job{tenant, slot.token};
}

std::optional<LiveQueue::Time> LiveQueue::NextDue() const {
  if (order_.empty() || (is_failing_ && sending_ > 0)) return std::nullopt;
  return std::max(order_.begin()->first, paused_until_);
}

// The slot goes on; null: its org was taken away meanwhile.
LiveQueue::Slot* LiveQueue::End(const Job& job) {
  --sending_;
  const auto it = slots_.find(job.tenant);
  it->second.sending = false;
  if (it->second.token.empty()) {
    slots_.erase(it);
    return nullptr;
  }
  order_.emplace(it->second.due, job.tenant);
  return &it->second;
}

void LiveQueue::Done(const Job& job, PushAnswer::Kind answer, Time now) {
  Slot* slot = End(job);
  const bool is_refused = answer == PushAnswer::Kind::kRefused;
  if (slot != nullptr && is_refused && slot->token == job.token) {
    slot->refused = true;
    Schedule(job.tenant, *slot, now + kLongestSilence);
  }
  if (answer != PushAnswer::Kind::kNoAnswer) return Answer(now);
  if (slot != nullptr) Renew(job.tenant, *slot, now);
  NoAnswer(now);
}

void LiveQueue::Skipped(const Job& job, Time now) {
  Slot* slot = End(job);
  if (slot != nullptr) slot->earliest = now;
}

void LiveQueue::Renew(const std::string& tenant, Slot& slot, Time now) {
  slot.fresh = true;
  if (!slot.refused) Schedule(tenant, slot, std::max(now, slot.earliest));
}

// Pushes that were under way together fail together, and count once.
void LiveQueue::NoAnswer(Time now) {
  is_failing_ = true;
  if (now < paused_until_) return;
  paused_until_ = now + pause_;
  pause_ = std::min(pause_ * 2, kLongestPause);
}

void LiveQueue::Answer(Time now) {
  if (!std::exchange(is_failing_, false)) return;
  paused_until_ = now;
  pause_ = kFirstPause;
  for (auto& [tenant, slot] : slots_) Renew(tenant, slot, now);
}

}  // namespace usage::grafana
