// Room on the disks, and what the ledger's database needs of it.
#include <algorithm>
#include <limits>

#include "doctor/amounts.h"
#include "doctor/checks.h"

namespace usage::doctor {
namespace {

constexpr double kFull = 0.05, kFilling = 0.10;  // of the size, free

std::optional<DiskSpace> LookAt(const House& house, const std::string& folder, Notes& notes) {
  DiskSpace space;
  try {
    space = house.Disk(folder);
  } catch (const std::runtime_error& error) {
    notes.Broken(folder, error.what(), "correct doctor.disks");
    return std::nullopt;
  }
  const std::string seen = Bytes(space.free) + " of " + Bytes(space.size) + " free (" +
                           Percent(space.free, space.size) + ")";
  const std::string remedy = "make room: old backups, logs, Prometheus's retention";
  if (space.free < kFull * space.size) {
    notes.Broken(folder, seen, remedy);
  } else if (space.free < kFilling * space.size) {
    notes.Warn(folder, seen, remedy);
  } else {
    notes.Good(folder, seen);
  }
  return space;
}

double DatabaseSize(const House& house) {
  const auto deadline = std::chrono::steady_clock::now() + house.Share();
  const auto connection = house.Open(house.config().storage.database, deadline);
  return std::stod(
      *connection->Query("SELECT pg_database_size(current_database())", deadline).at(0).at(0));
}

// A dump, a VACUUM FULL and an upgrade need the size of the database once more.
void Compare(double database, double free, Notes& notes) {
  const std::string seen = "its database has " + Bytes(database);
  if (database <= free) return notes.Good("ledger", seen + ", which fits once more");
  notes.Warn("ledger", seen + ", more than " + Bytes(free) + " that is free",
             "a dump or a VACUUM FULL would not fit: add room");
}

}  // namespace

void CheckDisks(const House& house, Notes& notes) {
  if (house.doctor().disks.empty()) return notes.NotChecked("disk space", "doctor.disks");
  std::optional<double> most_free;
  for (const std::string& folder : house.doctor().disks) {
    if (const auto space = LookAt(house, folder, notes)) {
      most_free = std::max(most_free.value_or(0), space->free);
    }
  }
  if (most_free) Compare(DatabaseSize(house), *most_free, notes);
}

}  // namespace usage::doctor
