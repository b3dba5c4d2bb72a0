// The words that every folder shares: bytes, access, instants, civil days.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace usage {

// A point in time with PostgreSQL's resolution, one microsecond, on the Unix time scale.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

inline constexpr Instant FromUnixMicros(int64_t micros) { return Instant(Duration(micros)); }
inline constexpr int64_t UnixMicros(Instant t) { return t.time_since_epoch().count(); }
inline constexpr double UnixSeconds(Instant t) { return static_cast<double>(UnixMicros(t)) / 1e6; }

// Products of bytes and microseconds.
__extension__ using Wide = unsigned __int128;

// How a subscriber reaches the network. The value is stored in the database: never renumber.
enum class Access : uint8_t { kHotspot = 0, kPppoe = 1 };
inline constexpr int kAccessCount = 2;
inline constexpr Access kAllAccess[kAccessCount] = {Access::kHotspot, Access::kPppoe};

// "hotspot" or "pppoe": the value of the label `access`.
std::string_view AccessName(Access access);
std::optional<Access> ParseAccess(std::string_view name);

// Bytes in both directions. Upload is what came from the subscriber (RFC 2866
// Acct-Input-Octets, hotspot bytes-in, interface rx), download what went to it.
struct Volume {
  uint64_t upload = 0;
  uint64_t download = 0;

  constexpr uint64_t sum() const { return upload + download; }
  constexpr bool empty() const { return upload == 0 && download == 0; }
  constexpr Volume& operator+=(Volume v) {
    upload += v.upload;
    download += v.download;
    return *this;
  }
  constexpr Volume& operator-=(Volume v) {
    upload -= v.upload;
    download -= v.download;
    return *this;
  }
  friend constexpr Volume operator+(Volume a, Volume b) { return a += b; }
  friend constexpr Volume operator-(Volume a, Volume b) { return a -= b; }
  friend constexpr bool operator==(Volume, Volume) = default;
};

// A day of a calendar, without a zone: days since 1970-01-01.
struct Day {
  int32_t number = 0;

  friend constexpr auto operator<=>(Day, Day) = default;
  friend constexpr Day operator+(Day d, int days) { return {d.number + days}; }
  friend constexpr Day operator-(Day d, int days) { return {d.number - days}; }

  static Day FromCivil(int year, unsigned month, unsigned day);
  std::chrono::year_month_day civil() const;
  std::string ToString() const;  // "2026-11-23"
};

std::string FormatInstant(Instant t);  // "2026-11-23T07:46:57.000000Z"

}  // namespace usage
