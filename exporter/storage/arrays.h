// Columns of many rows as PostgreSQL array literals, for unnest(): one statement for all rows.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/types.h"

namespace usage {

class ArrayLiteral {
 public:
  void Add(int64_t v) { Append(std::to_string(v)); }
  void Add(uint64_t v) { Append(std::to_string(static_cast<int64_t>(v))); }
  void Add(uint32_t v) { Append(std::to_string(v)); }
  void Add(bool v) { Append(v ? "t" : "f"); }
  void Add(Day v) { Append(std::to_string(v.number)); }
  void Add(Instant v) { Add(UnixMicros(v)); }
  void Add(std::optional<Instant> v);
  void AddText(std::string_view text);

  std::string str() const { return text_ + "}"; }
  bool empty() const { return text_.size() == 1; }

 private:
  void Append(std::string_view item);

  std::string text_ = "{";
};

}  // namespace usage
