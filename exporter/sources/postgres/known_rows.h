// The rows that a SessionTracker remembers: found by key, and fast by the order of the last
// reading, which the next one mostly repeats.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sources/postgres/packed_key.h"
#include "sources/postgres/session_table.h"

namespace usage {

using RowRef = uint32_t;
inline constexpr RowRef kNoRow = UINT32_MAX;

// Open rows are tens of thousands, but the closed ones of a day, which are watched, may be
// millions: 48 bytes each.
struct KnownRow {
  PackedKey::Form form = PackedKey::Form::kText;
  bool used = false;      // else the ref is free
  bool open = false;      // else watched
  bool listed = false;    // is in SessionTracker's list of open rows
  uint8_t level = 0;      // watched: how many checks it has passed
  CaseSet cases;          // counted
  uint32_t due = 0;       // watched: when it is read next, Unix seconds
  uint64_t key_high = 0;  // see PackedKey
  uint64_t key_low = 0;
  uint64_t fingerprint = 0;  // of what was delivered last; 0: whatever comes is news
  uint32_t seen = 0;         // the last reading that saw it
  uint32_t delivered = 0;    // the last reading that delivered it
  RowRef next = kNoRow;      // the row that followed it in the open set
};
static_assert(sizeof(KnownRow) <= 56);

// References to rows stay valid until they are removed.
class KnownRows {
 public:
  KnownRow& operator[](RowRef ref) { return chunks_[ref / kChunk][ref % kChunk]; }
  const KnownRow& operator[](RowRef ref) const { return chunks_[ref / kChunk][ref % kChunk]; }
  size_t size() const { return size_; }

  std::string Key(RowRef ref) const;
  RowRef Find(std::string_view key) const { return FindPacked(PackedKey::Of(key), key); }
  // As Find, but tries first the row that followed `previous` in the last reading.
  RowRef FindAfter(RowRef previous, std::string_view key) const;
  RowRef Add(std::string_view key);  // which is not there
  void Remove(RowRef ref);

 private:
  static constexpr uint32_t kChunk = 1 << 14;

  PackedKey KeyOf(RowRef ref) const;
  bool HasKey(RowRef ref, const PackedKey& key, std::string_view text) const;
  RowRef FindPacked(const PackedKey& key, std::string_view text) const;
  RowRef NewRef();
  void Grow();
  size_t HomeOf(RowRef ref) const { return KeyOf(ref).hash() & (index_.size() - 1); }
  void Insert(RowRef ref);
  void Erase(RowRef ref);

  std::vector<std::unique_ptr<KnownRow[]>> chunks_;
  RowRef end_ = 0;  // refs below have a place
  std::vector<RowRef> free_;
  size_t size_ = 0;
  std::unordered_map<RowRef, std::string> texts_;  // of keys that do not pack
  // A hash table with linear probing, of a power of two places, up to three quarters full.
  std::vector<RowRef> index_ = std::vector<RowRef>(16, kNoRow);
};

}  // namespace usage
