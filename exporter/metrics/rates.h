// How much flows "now", for a person to read: the growth of the ledger's totals between snapshots.
// Prometheus makes its own rates from the counters.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "metrics/snapshot.h"

namespace usage {

struct Rate {
  double upload = 0;               // bit/s
  double download = 0;             // bit/s
  std::chrono::seconds window{0};  // the mean is over up to so long

  friend bool operator==(const Rate&, const Rate&) = default;
};

// Rows of a panel move every few seconds; rows of RADIUS every 5 to 10 minutes (RFC 2869 2.1), so
// a short mean of them would jump between nothing and ten minutes' worth.
inline constexpr std::chrono::seconds kShortWindow{60};
inline constexpr std::chrono::seconds kLongWindow{600};
// Routers are read every few seconds (RouterRules::rate_window).
inline constexpr std::chrono::seconds kRouterWindow{20};

// The last samples of one counter that reach back over a span, thinned out.
class RateWindow {
 public:
  struct Sample {
    Instant at;    // the snapshot's
    Instant data;  // the newest accounting data's
    Volume booked;
    uint64_t snapshots = 0;  // seen so far
    uint64_t reports = 0;    // of these, with news
  };

  RateWindow(Duration span, Duration step) : span_(span), step_(step) {}
  void Add(const Sample& sample);
  void Clear() { samples_.clear(); }
  // The latest sample that is at least `span` old, or the first one. Only after Add().
  const Sample& oldest() const { return samples_.front(); }

 private:
  Duration span_;
  Duration step_;  // the least time between two samples
  std::vector<Sample> samples_;
};

// The rate of one tenant by one access: over the short window where at least every second snapshot
// brings news (or no session is open), over the long one elsewhere. Bytes that were booked into
// closed days are left out. After a gap (a source was away, the exporter was down) the bytes are
// spread over the time that they cover, by the data's own time stamps.
class RateMeter {
 public:
  void Add(Instant at, const AccessUsage& usage);
  // No value until two snapshots (a minute of them for the long window) tell something.
  std::optional<Rate> Now() const;

 private:
  bool Lively() const;

  // Every source makes snapshots: one without news that follows this soon is another source's and
  // says nothing of how often this one reports.
  static constexpr Duration kStep = std::chrono::seconds(4);

  RateWindow short_{kShortWindow, kStep};
  RateWindow long_{kLongWindow, std::chrono::seconds(20)};
  std::optional<RateWindow::Sample> last_;
  uint64_t sessions_ = 0;
};

// Of every tenant by every access: by the routers where they carry nine of ten of its open sessions
// or more, else as above. Not thread-safe.
class Rates {
 public:
  using Row = std::array<std::optional<Rate>, kAccessCount>;  // by Access

  // Each snapshot once, in order. The rows are in the order of its tenants; a tenant that is gone
  // is forgotten.
  std::vector<Row> Observe(const Snapshot& snapshot);

 private:
  struct Entry {
    std::array<RateMeter, kAccessCount> meters;
    uint64_t round = 0;
  };
  Row ObserveTenant(Instant at, const TenantUsage& tenant);

  std::unordered_map<std::string, Entry> entries_;
  uint64_t round_ = 0;
};

}  // namespace usage
