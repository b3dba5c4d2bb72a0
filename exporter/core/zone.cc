#include "core/zone.h"

#include <date/tz.h>

#include <map>
#include <memory>
#include <mutex>

namespace usage {
namespace {

class TzdbZone : public Zone {
 public:
  TzdbZone(std::string name, const date::time_zone* zone) : Zone(std::move(name)), zone_(zone) {}

  Instant Start(Day day) const override {
    // choose::earliest gives the transition where midnight does not exist.
    auto midnight = date::local_days(date::days(day.number));
    return zone_->to_sys(date::local_time<Duration>(midnight), date::choose::earliest);
  }

  Day At(Instant t) const override {
    auto local = date::floor<date::days>(zone_->to_local(t));
    Day day{static_cast<int32_t>(local.time_since_epoch().count())};
    // The reading of a clock can fall back over midnight; days don't.
    while (Start(day + 1) <= t) day = day + 1;
    return day;
  }

  Duration OffsetAt(Instant t) const override { return zone_->get_info(t).offset; }

 private:
  const date::time_zone* zone_;
};

class ZoneTable {
 public:
  const Zone* Find(const std::string& name) {
    std::lock_guard lock(mutex_);
    auto [it, is_new] = zones_.try_emplace(name);
    if (is_new) it->second = Load(name);
    return it->second.get();
  }

 private:
  static std::unique_ptr<Zone> Load(const std::string& name) try {
    return std::make_unique<TzdbZone>(name, date::locate_zone(name));
  } catch (const std::runtime_error&) {
    return nullptr;
  }

  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Zone>> zones_;  // null: looked for, not there
};

}  // namespace

const Zone* Zone::Find(const std::string& name) {
  static ZoneTable* const table = new ZoneTable;
  return table->Find(name);
}

const Zone& Zone::Utc() {
  static const Zone* const utc = Find("UTC");
  if (utc == nullptr) throw std::runtime_error("no time zone database: install tzdata");
  return *utc;
}

}  // namespace usage
