#include "sources/routers/snmp_table.h"

#include <algorithm>
#include <limits>

namespace usage {
namespace {

using Cells = std::vector<const SnmpCell*>;

Cells Sorted(const std::vector<SnmpCell>& column) {
  Cells cells;
  cells.reserve(column.size());
  for (const SnmpCell& cell : column) cells.push_back(&cell);
  auto by_index = [](const SnmpCell* a, const SnmpCell* b) { return a->index < b->index; };
  // Walks are mostly in order already.
  if (!std::is_sorted(cells.begin(), cells.end(), by_index)) {
    std::stable_sort(cells.begin(), cells.end(), by_index);
  }
  return cells;
}

// Every column from its begin to its end, row by row.
class Merge {
 public:
  explicit Merge(const std::vector<std::vector<SnmpCell>>& columns) {
    for (const auto& column : columns) columns_.push_back(Sorted(column));
    at_.resize(columns_.size());
  }

  std::optional<SnmpRow> Next() {
    std::optional<uint32_t> index = SmallestIndex();
    if (!index) return std::nullopt;
    SnmpRow row{*index, {}};
    for (size_t i = 0; i < columns_.size(); ++i) row.cells.push_back(Take(i, *index));
    return row;
  }

 private:
  std::optional<uint32_t> SmallestIndex() const {
    std::optional<uint32_t> smallest;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (at_[i] == columns_[i].size()) continue;
      uint32_t index = columns_[i][at_[i]]->index;
      if (!smallest || index < *smallest) smallest = index;
    }
    return smallest;
  }

  const SnmpCell* Take(size_t column, uint32_t index) {
    const SnmpCell* first = nullptr;
    const Cells& cells = columns_[column];
    for (size_t& at = at_[column]; at < cells.size() && cells[at]->index == index; ++at) {
      if (first == nullptr) first = cells[at];
    }
    return first;
  }

  std::vector<Cells> columns_;
  std::vector<size_t> at_;
};

}  // namespace

void SnmpTable::Put(size_t column, uint32_t index, const SnmpValue& value) {
  if (value.kind == SnmpKind::kNothing) return;
  columns_[column].push_back({index, value.kind, value.number, std::string(value.bytes)});
}

size_t SnmpTable::size() const {
  size_t most = 0;
  for (const auto& column : columns_) most = std::max(most, column.size());
  return most;
}

std::vector<SnmpRow> SnmpTable::Rows(const std::vector<size_t>& needed) const {
  std::vector<SnmpRow> rows;
  Merge merge(columns_);
  while (std::optional<SnmpRow> row = merge.Next()) {
    auto is_said = [&](size_t column) { return row->cells[column] != nullptr; };
    if (std::all_of(needed.begin(), needed.end(), is_said)) rows.push_back(std::move(*row));
  }
  return rows;
}

std::optional<uint32_t> IndexIn(SnmpName column, SnmpName name) {
  if (name.size() != column.size() + 1) return std::nullopt;
  if (!std::equal(column.begin(), column.end(), name.begin())) return std::nullopt;
  if (name.back() > std::numeric_limits<uint32_t>::max()) return std::nullopt;
  return static_cast<uint32_t>(name.back());
}

}  // namespace usage
