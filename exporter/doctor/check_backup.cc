// The newest backup: is it there, is it young, is something in it.
#include <glob.h>
#include <sys/stat.h>

#include "doctor/amounts.h"
#include "doctor/checks.h"

namespace usage::doctor {
namespace {

struct Backup {
  std::string path;
  double time = 0;  // Unix
  double size = 0;
};

class Matches {
 public:
  explicit Matches(const std::string& pattern) { ::glob(pattern.c_str(), 0, nullptr, &found_); }
  ~Matches() { ::globfree(&found_); }
  Matches(const Matches&) = delete;
  Matches& operator=(const Matches&) = delete;

  const char* const* begin() const { return found_.gl_pathv; }
  const char* const* end() const { return found_.gl_pathv + found_.gl_pathc; }

 private:
  glob_t found_{};
};

std::optional<Backup> NewestOf(const std::string& pattern) {
  std::optional<Backup> newest;
  for (const char* path : Matches(pattern)) {
    struct stat file {};
    if (::stat(path, &file) != 0) continue;
    const auto time = static_cast<double>(file.st_mtim.tv_sec);
    if (newest && newest->time >= time) continue;
    newest = Backup{path, time, static_cast<double>(file.st_size)};
  }
  return newest;
}

std::string DumpOf(const House& house, const std::string& pattern) {
  const std::string folder = pattern.substr(0, pattern.rfind('/') + 1);
  return "pg_dump -Fc -n " + house.config().storage.schema + " -f " + folder +
         "usage-$(date +%F).dump DATABASE";
}

}  // namespace

void CheckBackup(const House& house, Notes& notes) {
  const std::string& pattern = house.doctor().backup_pattern;
  if (pattern.empty()) {
    return notes.Warn("backup", "nobody said where the ledger's backups are",
                      "add doctor.backup: {newest_of: /var/backups/usage/*.dump, max_age: 26h}");
  }
  const std::vector<std::string> dump = {DumpOf(house, pattern)};
  const auto newest = NewestOf(pattern);
  if (!newest) return notes.Broken("backup", "there is none at " + pattern, "make one", dump);
  const std::chrono::duration<double> age(UnixSeconds(house.now()) - newest->time);
  const std::string seen = newest->path + " is " + Span(age) + " old, " + Bytes(newest->size);
  if (newest->size == 0) return notes.Broken("backup", seen, "it is empty: make one", dump);
  if (age <= house.doctor().backup_max_age) return notes.Good("backup", seen);
  notes.Broken("backup", seen, "it may be " + Span(house.doctor().backup_max_age) + ": make one",
               dump);
}

}  // namespace usage::doctor
