// What accounting could have known: the bytes up to each session's last report that got through,
// by tenant, access, subscriber and local day. Booked from the true curves; no code of the ledger.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/types.h"
#include "sim/curve.h"
#include "sim/population.h"

namespace usage::sim {

struct TruthTenant {
  std::string name;
  std::string zone = "UTC";
  int billing_day = 1;

  friend bool operator==(const TruthTenant&, const TruthTenant&) = default;
};

// Whose bytes; ordered, so that files are.
struct TruthKey {
  std::string tenant;  // id
  Access access = Access::kHotspot;
  std::string subscriber;

  friend auto operator<=>(const TruthKey&, const TruthKey&) = default;
};

using DayVolumes = std::map<Day, Volume>;

struct Truth {
  Second at{};           // the virtual time
  bool settled = false;  // nothing was under way when it was written, and nothing follows
  int runs = 0;          // of the simulator on this file, one after another
  uint64_t seed = 0;
  std::map<std::string, TruthTenant> tenants;  // by id
  std::map<TruthKey, DayVolumes> bytes;

  void Book(const TruthKey& key, const std::vector<DayVolume>& days);
  friend bool operator==(const Truth&, const Truth&) = default;
};

// One line per tenant and per subscriber, divided by tabs; the last line counts the others, so that
// half a file is not taken for a whole one.
std::string ToText(const Truth& truth);
// Throws std::runtime_error that names file and line. `name` is for the message.
Truth ParseTruth(const std::string& text, const std::string& name);

// Replaces the file in one step. Throws std::runtime_error with the remedy.
void WriteTruth(const Truth& truth, const std::string& path);
Truth ReadTruth(const std::string& path);

// Books by the subscriber's number, which is faster than by name, and gives a Truth now and then.
class TruthKeeper {
 public:
  // Goes on from `before`, which may be empty. `population` must outlive it.
  TruthKeeper(const Population& population, Truth before);

  void Book(int subscriber, const std::vector<DayVolume>& days);
  uint64_t bytes() const { return bytes_; }  // of this run, both directions
  Truth Take(Second at, bool settled) const;

 private:
  const Population& population_;
  Truth before_;
  std::vector<std::vector<DayVolume>> days_;  // by subscriber, by day
  uint64_t bytes_ = 0;
};

}  // namespace usage::sim
