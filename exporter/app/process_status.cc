#include "app/process_status.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace usage {
namespace {

double Seconds(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

uint64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  uint64_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

uint64_t OpenFds() {
  std::error_code error;
  std::filesystem::directory_iterator fds("/proc/self/fd", error);
  uint64_t count = 0;
  for (const auto& fd : fds) count += !fd.path().empty();
  return count;
}

}  // namespace

void DescribeProcess(ExporterStatus* status) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  status->cpu_seconds = Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
  status->resident_bytes = ResidentBytes();
  status->open_fds = OpenFds();
}

}  // namespace usage
