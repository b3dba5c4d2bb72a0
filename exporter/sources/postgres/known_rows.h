// The rows that a SessionTracker remembers: found by key, and fast by the order of the last
// reading, which the next one mostly repeats.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "sources/postgres/fingerprint.h"
#include "sources/postgres/session_table.h"

namespace usage {

using RowRef = uint32_t;
inline constexpr RowRef kNoRow = UINT32_MAX;

struct KnownRow {
  std::string key;
  uint64_t fingerprint = 0;      // of what was delivered last; 0: whatever comes is news
  uint64_t used_difference = 0;  // what was counted of it
  Instant due;                   // watched: when it is read next
  uint32_t seen = 0;             // the last reading that saw it
  uint32_t delivered = 0;        // the last reading that delivered it
  RowRef next = kNoRow;          // the row that followed it in the open set
  CaseSet cases;                 // counted
  uint8_t level = 0;             // watched: how many checks it has passed
  bool used = false;             // else the ref is free
  bool open = false;             // else watched
  bool listed = false;           // is in SessionTracker's list of open rows
};

class KnownRows {
 public:
  KnownRows() : index_(0, Hash{&rows_}, Equal{&rows_}) {}
  KnownRows(const KnownRows&) = delete;
  KnownRows& operator=(const KnownRows&) = delete;

  KnownRow& operator[](RowRef ref) { return rows_[ref]; }
  size_t size() const { return index_.size(); }

  RowRef Find(std::string_view key) const {
    const auto found = index_.find(key);
    return found == index_.end() ? kNoRow : *found;
  }

  // As Find, but tries first the row that followed `previous` in the last reading.
  RowRef FindAfter(RowRef previous, std::string_view key) const {
    if (previous != kNoRow) {
      const RowRef guess = rows_[previous].next;
      if (guess != kNoRow && rows_[guess].used && rows_[guess].key == key) return guess;
    }
    return Find(key);
  }

  RowRef Add(std::string_view key) {
    const RowRef ref = NewRef();
    rows_[ref] = KnownRow();
    rows_[ref].key = key;
    rows_[ref].used = true;
    index_.insert(ref);
    return ref;
  }

  void Remove(RowRef ref) {
    index_.erase(ref);
    rows_[ref] = KnownRow();
    free_.push_back(ref);
  }

 private:
  // The index holds numbers only: the keys are in the rows.
  struct Hash {
    using is_transparent = void;
    const std::vector<KnownRow>* rows;
    size_t operator()(std::string_view key) const { return Fingerprint(key); }
    size_t operator()(RowRef ref) const { return Fingerprint((*rows)[ref].key); }
  };
  struct Equal {
    using is_transparent = void;
    const std::vector<KnownRow>* rows;
    bool operator()(RowRef a, RowRef b) const { return a == b; }
    bool operator()(std::string_view key, RowRef ref) const { return (*rows)[ref].key == key; }
    bool operator()(RowRef ref, std::string_view key) const { return (*rows)[ref].key == key; }
  };

  RowRef NewRef() {
    if (free_.empty()) {
      rows_.emplace_back();
      return static_cast<RowRef>(rows_.size() - 1);
    }
    const RowRef ref = free_.back();
    free_.pop_back();
    return ref;
  }

  std::vector<KnownRow> rows_;
  std::vector<RowRef> free_;
  std::unordered_set<RowRef, Hash, Equal> index_;
};

}  // namespace usage
