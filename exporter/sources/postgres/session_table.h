// What a table of sessions can answer without a scan of history. SessionTracker asks, the tables
// (user_sessions, radacct, the fake of the tests) answer.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/observation.h"

namespace usage {

// A set of SourceCase.
class CaseSet {
 public:
  void Add(SourceCase c) { bits_ = static_cast<uint16_t>(bits_ | 1u << static_cast<int>(c)); }
  bool Has(SourceCase c) const { return (bits_ >> static_cast<int>(c) & 1) != 0; }
  CaseSet Without(CaseSet other) const {
    CaseSet rest;
    rest.bits_ = static_cast<uint16_t>(bits_ & ~other.bits_);
    return rest;
  }

 private:
  uint16_t bits_ = 0;
  static_assert(static_cast<int>(SourceCase::kCount) <= 16);
};

// A row during a visit. The views are valid until the visit returns.
struct TableRow {
  std::string_view key;
  // Everything that Decode reads, as the table likes it: the same bytes are the same row. Empty
  // when Scope::kChanged spared it.
  std::string_view content;
};

// What a row says.
struct DecodedRow {
  Observation observation;
  CaseSet cases;
  uint64_t used_difference = 0;  // |data_used - (upload + download)|, with kUsedDisagrees
};

class SessionTable {
 public:
  using Visit = std::function<void(const TableRow&)>;

  enum class Scope {
    kAll,
    // The table may leave out the content of open rows, and all of arrived rows, that did not
    // change since the snapshot before.
    kChanged,
  };

  virtual ~SessionTable() = default;

  // Begins a snapshot: what is asked until End is answered from one state of the database, so that
  // no row falls between two questions. After an exception from any function the snapshot is over.
  virtual void Begin(Instant read_at) = 0;
  virtual void End() = 0;
  // As End, after VisitKeys alone: for Scope::kChanged the snapshot before the next one is still
  // the one before this, since the other rows were not read.
  virtual void EndOfSome() = 0;

  // All rows of the open set.
  virtual void VisitOpen(Scope scope, const Visit& visit) = 0;
  // The rows that arrived after the cursor, less what late commits need, and are not in the open
  // set; the first time ever none.
  virtual void VisitArrived(Scope scope, const Visit& visit) = 0;
  // The rows of these keys, in any order; keys without a row are passed over.
  virtual void VisitKeys(std::span<const std::string> keys, const Visit& visit) = 0;

  // Where the next search for arrivals begins; moves with the visits. "": never read.
  virtual std::string Cursor() const = 0;
  virtual void SetCursor(const std::string& cursor) = 0;

  // Whether the table can tell now that a key has no row: not while its schema is out of reach.
  virtual bool Covers(std::string_view /*key*/) const { return true; }

  virtual DecodedRow Decode(const TableRow& row) const = 0;

  // What would make the reading cheaper or more exact, with the exact DDL.
  virtual std::vector<std::string> Advice() const = 0;
};

}  // namespace usage
