// What the files of this folder share of libpqxx. Not for headers that other folders include.
#pragma once

#include <pqxx/pqxx>
#include <string>

#include "core/types.h"

namespace usage {

inline int64_t BigInt(uint64_t v) { return static_cast<int64_t>(v); }

// Times travel as microseconds since 1970, which both sides keep exactly.
inline std::string MicrosOf(const std::string& column) {
  return "(extract(epoch FROM " + column + ") * 1000000)::bigint";
}
inline const char* kToTime = "to_timestamp_micros";

inline uint64_t AsBytes(const pqxx::field& field) {
  return static_cast<uint64_t>(field.as<int64_t>());
}
inline Volume AsVolume(const pqxx::row& row, int first) {
  return {AsBytes(row[first]), AsBytes(row[first + 1])};
}
inline std::optional<Instant> AsTime(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return FromUnixMicros(field.as<int64_t>());
}
inline Day AsDay(const pqxx::field& field) { return {field.as<int32_t>()}; }

}  // namespace usage
