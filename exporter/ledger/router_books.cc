#include "ledger/router_books.h"

#include <algorithm>

namespace usage {
namespace {

Volume Largest(Volume a, Volume b) {
  return {std::max(a.upload, b.upload), std::max(a.download, b.download)};
}

Balance Signed(Volume v) { return Difference(v, {}); }

}  // namespace

void RouterBooks::SetRouters(const std::vector<RouterId>& routers) {
  std::map<std::string, Router> kept;
  for (const RouterId& id : routers) {
    auto node = routers_.extract(id.name);
    auto it = node.empty() ? kept.try_emplace(id.name, rules_.carry.line_bits_per_second).first
                           : kept.insert(std::move(node)).position;
    it->second.tenant = id.tenant;
    if (it->second.ref != 0) continue;
    router_names_.push_back(id.name);
    it->second.ref = static_cast<RouterRef>(router_names_.size());
  }
  for (const auto& [name, gone] : routers_) {
    for (MatchSlot slot : gone.shown) {
      if (links_[slot].router == gone.ref) links_[slot].is_shown = false;
    }
  }
  routers_ = std::move(kept);
}

// --- Accounting

void RouterBooks::Place(const Ledger& ledger, const Session& session, const Whereabouts& where) {
  const AccountName& name = ledger.FindAccount(session.account)->name;
  const MatchCandidate candidate{name.tenant, name.access, where, session.baseline.started};
  const auto [known, is_new] = slots_.try_emplace(session.ref, 0);
  if (!is_new) {
    if (!index_.Is(known->second, candidate)) index_.Replace(known->second, candidate);
    return;
  }
  const MatchSlot slot = known->second = index_.Add(candidate);
  if (slot == links_.size()) links_.emplace_back();
  Link& link = links_[slot];
  link = Link();
  link.session = session.ref;
  link.account = session.account;
  link.group = GroupOf(name.tenant, name.access);
  link.carry.SetBooked(session.baseline.booked);
}

void RouterBooks::Hear(const Ledger& ledger, const SessionChange& change) {
  const auto known = slots_.find(change.ref);
  if (known == slots_.end()) return;
  Link& link = links_[known->second];
  HearLink(change.after, &link);
  if (change.after.closed) {
    Close(ledger, change, known->second);
  } else {
    Compare(ledger, &link);
  }
}

// Where there is a word that was not compared yet, and can be by now.
void RouterBooks::Compare(const Ledger& ledger, Link* link) {
  if (!link->carry.is_heard()) return;
  const auto compared = link->carry.Compare(false);
  if (!compared) return;
  DriftSpans& drift = DriftOf(ledger, *link);
  drift.today.AddPart(*compared, drift.steady.ratio());
  drift.steady.Add(*compared, {});
}

// Of a session that was under way before the first reading nobody knows what the router had
// counted at accounting's last word: the difference is no news and goes into the base.
void RouterBooks::HearLink(const Baseline& after, Link* link) {
  const bool is_news = link->is_fresh || link->carry.is_anchored();
  const Volume booked = link->carry.booked(), carry = link->carry.now();
  link->carry.Hear(after.booked, after.mark, rules_.carry);
  if (!link->carry.has_begun() || is_news) return;
  groups_[link->group].base +=
      Difference(after.booked, booked) + Difference(link->carry.now(), carry);
}

void RouterBooks::Close(const Ledger& ledger, const SessionChange& change, MatchSlot slot) {
  Link& link = links_[slot];
  if (change.ended && link.carry.has_begun()) NoteLast(ledger, change.after, &link);
  slots_.erase(change.ref);
  index_.Remove(slot);
  link = Link();
}

void RouterBooks::Reload(const Ledger& ledger) {
  for (Link& link : links_) {
    if (link.session == 0) continue;
    const Session* session = ledger.FindSession(link.session);
    Baseline after;
    if (session != nullptr) after = session->baseline;
    if (session == nullptr) after.closed = Instant::min();
    Hear(ledger, {link.session, std::nullopt, link.account, after, false, false});
  }
}

// A last word without bytes is none: what the router counted since the one before is lost to
// accounting.
void RouterBooks::NoteLast(const Ledger& ledger, const Baseline& after, Link* link) {
  DriftSpans& drift = DriftOf(ledger, *link);
  const CountRatio ratio = drift.steady.ratio();
  Compared whole{link->carry.grown(), after.counted, link->carry.unread()};
  const auto last = link->carry.Compare(true);
  const bool is_lost = last && last->accounting.empty() && !last->router.empty();
  if (is_lost) {
    drift.today.AddLostStop(last->router);
    drift.closed.AddLostStop(last->router);
    whole.router -= last->router;
  } else if (last) {
    drift.today.AddPart(*last, ratio);
  }
  drift.closed.Add(whole, ratio);
}

// --- Looking

std::optional<RouterWord> RouterBooks::WordOf(SessionRef session) const {
  const auto known = slots_.find(session);
  if (known == slots_.end()) return std::nullopt;
  const Link& link = links_[known->second];
  if (!link.carry.has_begun()) return std::nullopt;
  return RouterWord{session, link.carry.grown(), link.carry.read_at()};
}

void RouterBooks::Count(const Ledger& ledger, Instant now) {
  ClearCounts(ledger);
  for (Link& link : links_) {
    if (link.carry.has_begun()) CountLink(ledger, now, &link);
  }
  for (Group& group : groups_) {
    if (group.has_begun) CountGroup(ledger, &group);
  }
}

void RouterBooks::ClearCounts(const Ledger& ledger) {
  for (GroupRef ref = 0; ref < groups_.size(); ++ref) {
    Group& group = groups_[ref];
    group.live.carry = {};
    group.live.sessions = 0;
    group.live.rate = {};
    for (auto& [router, drift] : group.drifts) {
      BeginDay(ledger, group, &drift);
      drift.lost = drift.lost_today = {};
    }
  }
}

void RouterBooks::CountLink(const Ledger& ledger, Instant now, Link* link) {
  const Duration silence = now - link->carry.read_at();
  if (silence > rules_.carry.silence) {
    link->carry.GiveUp();
    if (!link->is_shown) CountLost(ledger, *link);
    return;
  }
  LiveFigures& live = groups_[link->group].live;
  live.carry += link->carry.now();
  if (!link->is_shown) return;
  ++live.sessions;
  if (silence > rules_.rate_window) return;
  const auto rate = link->carry.RateOver(rules_.rate_window);
  if (rate) live.rate += *rate;
}

void RouterBooks::CountLost(const Ledger& ledger, const Link& link) {
  const Volume lost = link.carry.uncompared();
  DriftSpans& drift = DriftOf(ledger, link);
  drift.lost += lost;
  const Tenant* tenant = ledger.FindTenant(groups_[link.group].tenant);
  if (tenant != nullptr && link.carry.read_at() >= tenant->today_start) drift.lost_today += lost;
}

void RouterBooks::CountGroup(const Ledger& ledger, Group* group) const {
  LiveFigures& live = group->live;
  const Volume known = PositivePart(Signed(TotalOf(ledger, *group) + live.carry) + -group->base);
  live.total = Largest(live.total, known);
  live.held = live.total - known;
}

const LiveFigures* RouterBooks::Live(const std::string& tenant, Access access) const {
  const auto known = group_refs_.find({tenant, access});
  if (known == group_refs_.end() || !groups_[known->second].has_begun) return nullptr;
  return &groups_[known->second].live;
}

const std::map<std::string, DriftSpans>* RouterBooks::Drifts(const std::string& tenant,
                                                             Access access) const {
  const auto known = group_refs_.find({tenant, access});
  return known == group_refs_.end() ? nullptr : &groups_[known->second].drifts;
}

const RouterFigures* RouterBooks::Figures(const std::string& router) const {
  const auto known = routers_.find(router);
  return known == routers_.end() ? nullptr : &known->second.figures;
}

void RouterBooks::EachRate(Instant now,
                           const std::function<void(AccountRef, const Carry::Rate&)>& visit) const {
  for (const Link& link : links_) {
    if (!link.is_shown || !link.carry.has_begun()) continue;
    if (now - link.carry.read_at() > rules_.rate_window) continue;
    const auto rate = link.carry.RateOver(rules_.rate_window);
    if (rate) visit(link.account, *rate);
  }
}

// --- Groups

RouterBooks::GroupRef RouterBooks::GroupOf(const std::string& tenant, Access access) {
  const auto [known, is_new] =
      group_refs_.try_emplace({tenant, access}, static_cast<GroupRef>(groups_.size()));
  if (is_new) {
    groups_.emplace_back();
    groups_.back().tenant = tenant;
    groups_.back().access = access;
  }
  return known->second;
}

Volume RouterBooks::TotalOf(const Ledger& ledger, const Group& group) const {
  const Tenant* tenant = ledger.FindTenant(group.tenant);
  if (tenant == nullptr) return {};
  const auto& totals = tenant->access[static_cast<size_t>(group.access)];
  return totals ? totals->total : Volume{};
}

DriftSpans& RouterBooks::DriftOf(const Ledger& ledger, const Link& link) {
  return DriftOf(ledger, link.group, link.router);
}

DriftSpans& RouterBooks::DriftOf(const Ledger& ledger, GroupRef ref, RouterRef router) {
  Group& group = groups_[ref];
  DriftSpans& drift = group.drifts[router_names_[router - 1U]];
  BeginDay(ledger, group, &drift);
  return drift;
}

void RouterBooks::BeginDay(const Ledger& ledger, const Group& group, DriftSpans* drift) {
  const Tenant* tenant = ledger.FindTenant(group.tenant);
  if (tenant == nullptr || drift->day == tenant->today) return;
  drift->day = tenant->today;
  drift->today = {};
}

}  // namespace usage
