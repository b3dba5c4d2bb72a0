// Which session a router's row is. Pure: no I/O, no clock.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/observation.h"
#include "core/router_reading.h"

namespace usage {

// A session that rows may belong to.
struct MatchCandidate {
  std::string tenant;
  Access access = Access::kHotspot;
  Whereabouts where;
  std::optional<Instant> started;  // tells several of one name apart
};

// What a row and its session have in common, the surest first.
enum class MatchKey : uint8_t {
  kSessionId,
  kUserAndMac,
  kMacAndAddress,
  kUserAndAddress,
  kUser,
  kMac,
  kNone,  // nothing: unmatched
};
std::string_view MatchKeyName(MatchKey key);

// Names a candidate while it is in the index. Dense, and used again after Remove: whoever keeps
// something for each candidate keeps it in a vector by this.
using MatchSlot = uint32_t;

struct RouterMatch {
  MatchKey key = MatchKey::kNone;
  bool is_ambiguous = false;      // several are as likely: none is meant
  bool without_realm = false;     // the names agree but for the realm of one of them
  std::optional<MatchSlot> slot;  // a value: it is this one

  friend bool operator==(const RouterMatch&, const RouterMatch&) = default;
};

// The candidates, found by session id, MAC and user. A row is the candidate's with which it has the
// surest key in common; of several with the same key the one that began when the row did, if one
// did. Never one of another access or of another tenant than the router's, nor one that says
// another session id, MAC or user than the row. An address alone is no key: tenants and routers
// have the same private ones. Names are compared whole first, then without the realm (`@…`) where
// only one of the two has one. About 150 bytes a candidate. Not thread-safe.
class MatchIndex {
 public:
  MatchSlot Add(const MatchCandidate& candidate);
  void Replace(MatchSlot slot, const MatchCandidate& candidate);
  void Remove(MatchSlot slot);
  bool Is(MatchSlot slot, const MatchCandidate& candidate) const;

  // `router_tenant`: whose the router is; "": several tenants'. `at`: of the reading.
  RouterMatch Find(std::string_view router_tenant, const RouterRow& row, Instant at) const;

  size_t size() const { return size_; }
  size_t slots() const { return slots_.size(); }  // every MatchSlot is smaller

 private:
  enum Way { kBySession, kByMac, kByUser, kWays };
  static constexpr uint32_t kEnd = UINT32_MAX;

  // The texts lie end to end: three strings of a few letters each would be four times the size.
  struct Entry {
    std::unique_ptr<char[]> text;  // user, address, session id
    uint64_t mac = 0;
    Instant started = Instant::min();  // min: not known
    uint32_t tenant = 0;
    uint16_t user_size = 0, address_size = 0, session_size = 0;
    Access access = Access::kHotspot;
    std::array<uint32_t, kWays> hash{};  // 0: not findable this way
    std::array<uint32_t, kWays> next{};

    std::string_view user() const { return {text.get(), user_size}; }
    std::string_view address() const { return {text.get() + user_size, address_size}; }
    std::string_view session_id() const {
      return {text.get() + user_size + address_size, session_size};
    }
  };
  class Search;

  Entry MakeEntry(const MatchCandidate& candidate);
  uint32_t& HeadOf(Way way, uint32_t hash);
  void Link(MatchSlot slot);
  void Unlink(Way way, MatchSlot slot);
  void UnlinkAll(MatchSlot slot);
  void Grow();

  std::deque<Entry> slots_;  // a vector would have up to twice the room
  std::vector<MatchSlot> free_;
  size_t size_ = 0;
  std::array<std::vector<uint32_t>, kWays> heads_;  // as many as a power of two
  std::map<std::string, uint32_t, std::less<>> tenants_;
};

}  // namespace usage
