// A table of a MIB as it is put together from the answers of a walk.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sources/routers/snmp_value.h"

namespace usage {

struct SnmpCell {
  uint32_t index = 0;
  SnmpKind kind = SnmpKind::kNothing;
  uint64_t number = 0;
  std::string bytes;
};

// The cells of one row; a column that did not say anything of it has a null pointer.
struct SnmpRow {
  uint32_t index = 0;
  std::vector<const SnmpCell*> cells;
};

// Rows that come and go while a table is walked leave holes, and what is read of a column does not
// tell how many rows another one has: cells are put together by the row's index and by nothing
// else.
class SnmpTable {
 public:
  explicit SnmpTable(size_t columns) : columns_(columns) {}

  void Put(size_t column, uint32_t index, const SnmpValue& value);
  // Cells of the column that has the most: what a limit of rows is checked against.
  size_t size() const;
  // The rows of which the columns `needed` said something, by rising index. Of an index that came
  // twice in one column the first counts. The rows point into the table.
  std::vector<SnmpRow> Rows(const std::vector<size_t>& needed) const;

 private:
  std::vector<std::vector<SnmpCell>> columns_;
};

// The number of an index part, if `name` is `column` and one part more: all tables that are read
// have one number as index.
std::optional<uint32_t> IndexIn(SnmpName column, SnmpName name);

}  // namespace usage
