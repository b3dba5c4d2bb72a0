// Time zones of the IANA database (Debian's tzdata) and the civil days in them.
#pragma once

#include <string>

#include "core/types.h"

namespace usage {

// A time zone. Days partition time: day D is [Start(D), Start(D + 1)), also where midnight does
// not exist (Cairo), exists twice (Havana), comes back a minute later (St. John's before 2011) or
// where a whole day was left out (Apia, 2011-12-30: an empty day). Immutable, lives for ever,
// thread-safe.
class Zone {
 public:
  // The zone of that IANA name, or null when the database has none.
  static const Zone* Find(const std::string& name);
  static const Zone& Utc();

  virtual ~Zone() = default;
  const std::string& name() const { return name_; }
  virtual Instant Start(Day day) const = 0;
  virtual Day At(Instant t) const = 0;
  virtual Duration OffsetAt(Instant t) const = 0;  // local time minus UTC

 protected:
  explicit Zone(std::string name) : name_(std::move(name)) {}

 private:
  std::string name_;
};

}  // namespace usage
