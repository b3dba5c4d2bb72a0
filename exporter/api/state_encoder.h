// Snapshots as the events that the landing page reads. Encoded once, sent to every client.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "metrics/rates.h"
#include "metrics/snapshot.h"

namespace usage {

class JsonWriter;

using SharedText = std::shared_ptr<const std::string>;

// The events of one snapshot, as they go over the wire (HTML Standard 9.2, server-sent events).
// Applying `delta` to the state after the event before gives `full`'s state.
struct Frame {
  uint64_t sequence = 0;  // 1, 2, 3…
  SharedText full;
  SharedText delta;
};

// Bytes are decimal strings, since they may pass 2^53; bit/s are numbers; times are milliseconds of
// the Unix scale by the exporter's clock. Ids are made valid as the labels are (ValidName), names
// only for reading (ValidText). Not thread-safe.
class StateEncoder {
 public:
  // `boot` tells this run's events from another's in their ids: digits.
  explicit StateEncoder(std::string boot) : boot_(std::move(boot)) {}

  // Each snapshot once, in order; `now` is the time of sending.
  Frame Encode(const Snapshot& snapshot, Instant now);

  std::string EventId(uint64_t sequence) const { return boot_ + "-" + std::to_string(sequence); }

 private:
  struct Row {
    uint64_t round = 0;
    std::string json;
  };
  struct Point {
    Instant at;
    double download;
    double upload;
  };

  void EncodeTenants(const Snapshot& snapshot);
  void EncodeTenant(const TenantUsage& tenant, const Rates::Row& rates);
  void ForgetGone();
  void Remember(Instant at, const std::vector<Rates::Row>& rates);
  std::string FullEvent(const std::string& status) const;
  std::string DeltaEvent(const std::string& status) const;
  std::string Event(const char* type, const std::string& data) const;
  static void WritePoint(JsonWriter& json, const Point& point);
  static void WriteRows(JsonWriter& json, const std::vector<const Row*>& rows);
  Duration Cycle(Instant at);

  std::string boot_;
  uint64_t sequence_ = 0;
  Rates rates_;
  std::unordered_map<std::string, Row> rows_;  // by the tenant's id
  std::vector<const Row*> order_;              // as in the snapshot
  std::vector<const Row*> changed_;
  std::vector<std::string> removed_;
  std::deque<Point> history_;
  bool new_point_ = false;
  std::deque<Instant> published_;
};

}  // namespace usage
