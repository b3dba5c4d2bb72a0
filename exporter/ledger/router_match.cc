#include "ledger/router_match.h"

#include <algorithm>
#include <functional>

namespace usage {
namespace {

// Two clocks, a packet's way, and the login: a session is accounted for this soon after it began.
constexpr Duration kSameStart = std::chrono::minutes(1);

// RADIUS has 253 bytes for each.
std::string_view Short(std::string_view text) { return text.substr(0, UINT16_MAX); }

std::string_view WithoutRealm(std::string_view user) { return user.substr(0, user.rfind('@')); }

bool HasRealm(std::string_view user) { return user.find('@') != std::string_view::npos; }

// A host's address is the same with its mask of all bits.
std::string_view WithoutMask(std::string_view address) {
  const size_t slash = address.find('/');
  const std::string_view mask = slash == std::string_view::npos ? "" : address.substr(slash);
  return mask == "/32" || mask == "/128" ? address.substr(0, slash) : address;
}

// `0x81A00001` at the router is `81a00001` in RADIUS.
std::string Plain(std::string_view session_id) {
  if (session_id.starts_with("0x")) session_id.remove_prefix(2);
  std::string plain(session_id);
  for (char& c : plain) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return plain;
}

// Never 0: that is "not said".
uint32_t Folded(size_t hash) {
  return std::max(static_cast<uint32_t>(hash ^ hash >> 32), uint32_t{1});
}

uint32_t HashOf(std::string_view text) {
  return text.empty() ? 0 : Folded(std::hash<std::string_view>()(text));
}

uint32_t HashOf(uint64_t mac) {
  return mac == 0 ? 0 : Folded(static_cast<size_t>(mac * 0x9E3779B97F4A7C15ull));
}

template <typename T>
bool BothSay(const T& a, const T& b) {
  return a != T{} && b != T{};
}

template <typename T>
bool Differ(const T& a, const T& b) {
  return BothSay(a, b) && a != b;
}

template <typename T>
bool Agree(const T& a, const T& b) {
  return BothSay(a, b) && a == b;
}

enum class Names { kUnsaid, kSame, kSameWithoutRealm, kDiffer };

Names Compare(std::string_view a, std::string_view b) {
  if (!BothSay(a, b)) return Names::kUnsaid;
  if (a == b) return Names::kSame;
  const bool one_realm = HasRealm(a) != HasRealm(b);
  const bool same = one_realm && WithoutRealm(a) == WithoutRealm(b);
  return same ? Names::kSameWithoutRealm : Names::kDiffer;
}

}  // namespace

std::string_view MatchKeyName(MatchKey key) {
  constexpr std::string_view kNames[] = {"session id",       "user and MAC", "MAC and address",
                                         "user and address", "user",         "MAC",
                                         "nothing"};
  return kNames[static_cast<size_t>(key)];
}

// One row's; lives for one call of Find.
class MatchIndex::Search {
 public:
  Search(const MatchIndex& index, std::optional<uint32_t> tenant, const RouterRow& row, Instant at)
      : index_(index),
        tenant_(tenant),
        row_(row),
        address_(WithoutMask(row.address)),
        session_id_(Plain(row.session_id)) {
    if (row.uptime) started_ = at - *row.uptime;
  }

  // A key that only a surer way can lead to needs no look at the others: a name that a thousand
  // guests share is looked through for rows without a known MAC only.
  RouterMatch Run() {
    Look(kBySession, HashOf(session_id_));
    if (best_.key > MatchKey::kSessionId) Look(kByMac, HashOf(row_.mac));
    if (best_.key > MatchKey::kMacAndAddress) Look(kByUser, HashOf(WithoutRealm(row_.user)));
    if (count_ > 1) Settle();
    return best_;
  }

 private:
  void Look(Way way, uint32_t hash) {
    const auto& heads = index_.heads_[way];
    if (hash == 0 || heads.empty()) return;
    for (uint32_t slot = heads[hash & (heads.size() - 1)]; slot != kEnd;) {
      const Entry& entry = index_.slots_[slot];
      if (entry.hash[way] == hash) Consider(slot, entry);
      slot = entry.next[way];
    }
  }

  void Consider(MatchSlot slot, const Entry& entry) {
    if (entry.access != row_.access || (tenant_ && entry.tenant != *tenant_)) return;
    const Names names = Compare(entry.user(), row_.user);
    if (names == Names::kDiffer || Differ(entry.mac, row_.mac) ||
        Differ(entry.session_id(), std::string_view(session_id_))) {
      return;
    }
    const MatchKey key = KeyOf(entry, names);
    if (key != MatchKey::kNone) Offer(slot, key, names == Names::kSameWithoutRealm);
  }

  MatchKey KeyOf(const Entry& entry, Names names) const {
    const bool user = names != Names::kUnsaid;
    const bool mac = Agree(entry.mac, row_.mac);
    const bool address = Agree(entry.address(), address_);
    if (Agree(entry.session_id(), std::string_view(session_id_))) return MatchKey::kSessionId;
    if (user && mac) return MatchKey::kUserAndMac;
    if (mac && address) return MatchKey::kMacAndAddress;
    if (user && address) return MatchKey::kUserAndAddress;
    if (user && !Differ(entry.address(), address_)) return MatchKey::kUser;
    return mac ? MatchKey::kMac : MatchKey::kNone;
  }

  // The same candidate may be met on two ways.
  void Offer(MatchSlot slot, MatchKey key, bool without_realm) {
    const auto rank = std::pair(key, without_realm);
    const auto best = std::pair(best_.key, best_.without_realm);
    if (rank == best && std::find(tied_.begin(), tied_.end(), slot) != tied_.end()) return;
    if (rank > best) return;
    if (rank < best) {
      tied_.clear();
      count_ = 0;
    }
    best_ = {key, false, without_realm, slot};
    ++count_;
    if (tied_.size() < kMostTied) tied_.push_back(slot);
  }

  void Settle() {
    best_.slot.reset();
    std::optional<MatchSlot> found;
    const auto is_near = [this](MatchSlot slot) {
      const Instant other = index_.slots_[slot].started;
      return started_ && other != Instant::min() &&
             std::chrono::abs(other - *started_) <= kSameStart;
    };
    const auto near = std::count_if(tied_.begin(), tied_.end(), is_near);
    if (near == 1 && count_ == tied_.size())
      found = *std::find_if(tied_.begin(), tied_.end(), is_near);
    best_.is_ambiguous = !found;
    best_.slot = found;
  }

  static constexpr size_t kMostTied = 64;  // more are nobody's sessions side by side

  const MatchIndex& index_;
  const std::optional<uint32_t> tenant_;
  const RouterRow& row_;
  const std::string_view address_;
  const std::string session_id_;
  std::optional<Instant> started_;
  RouterMatch best_;
  size_t count_ = 0;
  std::vector<MatchSlot> tied_;
};

RouterMatch MatchIndex::Find(std::string_view router_tenant, const RouterRow& row,
                             Instant at) const {
  std::optional<uint32_t> tenant;
  if (!router_tenant.empty()) {
    const auto known = tenants_.find(router_tenant);
    if (known == tenants_.end()) return {};
    tenant = known->second;
  }
  return Search(*this, tenant, row, at).Run();
}

MatchIndex::Entry MatchIndex::MakeEntry(const MatchCandidate& candidate) {
  const std::string_view user = Short(candidate.where.user);
  const std::string_view address = Short(WithoutMask(candidate.where.address));
  const std::string session_id = Plain(Short(candidate.where.session_id));
  Entry entry;
  entry.text = std::make_unique<char[]>(user.size() + address.size() + session_id.size());
  char* end = std::copy(user.begin(), user.end(), entry.text.get());
  end = std::copy(address.begin(), address.end(), end);
  std::copy(session_id.begin(), session_id.end(), end);
  entry.user_size = static_cast<uint16_t>(user.size());
  entry.address_size = static_cast<uint16_t>(address.size());
  entry.session_size = static_cast<uint16_t>(session_id.size());
  entry.mac = candidate.where.mac;
  entry.started = candidate.started.value_or(Instant::min());
  entry.access = candidate.access;
  entry.tenant =
      tenants_.try_emplace(candidate.tenant, static_cast<uint32_t>(tenants_.size())).first->second;
  entry.hash = {HashOf(session_id), HashOf(entry.mac), HashOf(WithoutRealm(user))};
  return entry;
}

MatchSlot MatchIndex::Add(const MatchCandidate& candidate) {
  MatchSlot slot = static_cast<MatchSlot>(slots_.size());
  Entry entry = MakeEntry(candidate);
  if (free_.empty()) {
    slots_.push_back(std::move(entry));
  } else {
    slot = free_.back();
    free_.pop_back();
    slots_[slot] = std::move(entry);
  }
  ++size_;
  slots_.size() > heads_[0].size() ? Grow() : Link(slot);
  return slot;
}

void MatchIndex::Replace(MatchSlot slot, const MatchCandidate& candidate) {
  UnlinkAll(slot);
  slots_[slot] = MakeEntry(candidate);
  Link(slot);
}

void MatchIndex::Remove(MatchSlot slot) {
  UnlinkAll(slot);
  slots_[slot] = Entry();
  free_.push_back(slot);
  --size_;
}

bool MatchIndex::Is(MatchSlot slot, const MatchCandidate& candidate) const {
  const Entry& entry = slots_[slot];
  const auto tenant = tenants_.find(candidate.tenant);
  const Whereabouts& where = candidate.where;
  return tenant != tenants_.end() && tenant->second == entry.tenant &&
         entry.access == candidate.access && entry.mac == where.mac &&
         entry.user() == Short(where.user) &&
         entry.address() == Short(WithoutMask(where.address)) &&
         entry.session_id() == Plain(Short(where.session_id)) &&
         entry.started == candidate.started.value_or(Instant::min());
}

uint32_t& MatchIndex::HeadOf(Way way, uint32_t hash) {
  return heads_[way][hash & (heads_[way].size() - 1)];
}

void MatchIndex::Link(MatchSlot slot) {
  Entry& entry = slots_[slot];
  for (int i = 0; i < kWays; ++i) {
    if (entry.hash[i] == 0) continue;
    uint32_t& head = HeadOf(static_cast<Way>(i), entry.hash[i]);
    entry.next[i] = head;
    head = slot;
  }
}

void MatchIndex::UnlinkAll(MatchSlot slot) {
  for (int way = 0; way < kWays; ++way) Unlink(static_cast<Way>(way), slot);
}

void MatchIndex::Unlink(Way way, MatchSlot slot) {
  const Entry& entry = slots_[slot];
  if (entry.hash[way] == 0) return;
  uint32_t* link = &HeadOf(way, entry.hash[way]);
  while (*link != slot) link = &slots_[*link].next[way];
  *link = entry.next[way];
}

void MatchIndex::Grow() {
  for (auto& heads : heads_) heads.assign(std::max<size_t>(64, 2 * heads.size()), kEnd);
  for (MatchSlot slot = 0; slot < slots_.size(); ++slot) Link(slot);
}

}  // namespace usage
