#include "sources/postgres/known_rows.h"

#include <utility>

namespace usage {

PackedKey KnownRows::KeyOf(RowRef ref) const {
  const KnownRow& row = (*this)[ref];
  return {row.key_high, row.key_low, row.form};
}

std::string KnownRows::Key(RowRef ref) const {
  const PackedKey key = KeyOf(ref);
  return key.form == PackedKey::Form::kText ? texts_.at(ref) : key.ToText();
}

bool KnownRows::HasKey(RowRef ref, const PackedKey& key, std::string_view text) const {
  return KeyOf(ref) == key && (key.form != PackedKey::Form::kText || texts_.at(ref) == text);
}

RowRef KnownRows::FindPacked(const PackedKey& key, std::string_view text) const {
  const size_t mask = index_.size() - 1;
  for (size_t i = key.hash() & mask; index_[i] != kNoRow; i = (i + 1) & mask) {
    if (HasKey(index_[i], key, text)) return index_[i];
  }
  return kNoRow;
}

RowRef KnownRows::FindAfter(RowRef previous, std::string_view key) const {
  const PackedKey packed = PackedKey::Of(key);
  if (previous != kNoRow) {
    const RowRef guess = (*this)[previous].next;
    if (guess != kNoRow && (*this)[guess].used && HasKey(guess, packed, key)) return guess;
  }
  return FindPacked(packed, key);
}

RowRef KnownRows::Add(std::string_view key) {
  if ((size_ + 1) * 4 > index_.size() * 3) Grow();
  const RowRef ref = NewRef();
  const PackedKey packed = PackedKey::Of(key);
  KnownRow& row = (*this)[ref];
  row.used = true;
  row.form = packed.form;
  row.key_high = packed.high;
  row.key_low = packed.low;
  if (packed.form == PackedKey::Form::kText) texts_[ref] = key;
  Insert(ref);
  ++size_;
  return ref;
}

void KnownRows::Remove(RowRef ref) {
  Erase(ref);
  texts_.erase(ref);
  (*this)[ref] = KnownRow();
  free_.push_back(ref);
  --size_;
}

RowRef KnownRows::NewRef() {
  if (!free_.empty()) {
    const RowRef ref = free_.back();
    free_.pop_back();
    return ref;
  }
  if (end_ % kChunk == 0) chunks_.push_back(std::make_unique<KnownRow[]>(kChunk));
  return end_++;
}

void KnownRows::Grow() {
  const std::vector<RowRef> old = std::exchange(index_, std::vector(index_.size() * 2, kNoRow));
  for (const RowRef ref : old) {
    if (ref != kNoRow) Insert(ref);
  }
}

void KnownRows::Insert(RowRef ref) {
  const size_t mask = index_.size() - 1;
  size_t i = HomeOf(ref);
  while (index_[i] != kNoRow) i = (i + 1) & mask;
  index_[i] = ref;
}

// Without a mark for what was erased: the rows behind it move up to where a search finds them.
void KnownRows::Erase(RowRef ref) {
  const size_t mask = index_.size() - 1;
  size_t hole = HomeOf(ref);
  while (index_[hole] != ref) hole = (hole + 1) & mask;
  for (size_t i = (hole + 1) & mask; index_[i] != kNoRow; i = (i + 1) & mask) {
    const size_t home = HomeOf(index_[i]);
    if (((i - home) & mask) < ((i - hole) & mask)) continue;  // a search for it never sees the hole
    index_[hole] = index_[i];
    hole = i;
  }
  index_[hole] = kNoRow;
}

}  // namespace usage
