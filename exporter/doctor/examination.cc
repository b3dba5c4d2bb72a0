#include "doctor/examination.h"

#include <algorithm>
#include <condition_variable>
#include <thread>

#include "core/units.h"

namespace usage::doctor {
namespace {

// What a check and the one who waits for it share; whoever comes last frees it.
struct Run {
  Notes notes;
  std::mutex mutex;
  std::condition_variable changed;
  bool is_done = false;
};

void RunCheck(const Check& check, const House& house, Run& run) {
  try {
    check.function(house, run.notes);
  } catch (const Silence& silence) {
    run.notes.Broken(check.title, silence.what(), "is it up, and the address right? see its log");
  } catch (const std::exception& error) {
    run.notes.Broken(check.name, error.what(), "see the log of that part");
  }
  std::lock_guard lock(run.mutex);
  run.is_done = true;
  run.changed.notify_all();
}

std::shared_ptr<Run> Start(const Check& check, const std::shared_ptr<const House>& house) {
  auto run = std::make_shared<Run>();
  std::thread([&check, house, run] { RunCheck(check, *house, *run); }).detach();
  return run;
}

// False: its time was over first.
bool WaitFor(Run& run, const House& house) {
  std::unique_lock lock(run.mutex);
  if (run.changed.wait_until(lock, house.deadline(), [&] { return run.is_done; })) return true;
  run.notes.Broken("time", "not finished after " + FormatDuration(house.doctor().timeout),
                   "is a server silent, or a name not resolved? doctor.timeout is the limit");
  return false;
}

}  // namespace

size_t Examination::Count(Verdict verdict) const {
  size_t count = 0;
  for (const Result& result : results) {
    count += static_cast<size_t>(
        std::count_if(result.findings.begin(), result.findings.end(),
                      [&](const Finding& finding) { return finding.verdict == verdict; }));
  }
  return count;
}

int Examination::ExitStatus() const {
  if (Count(Verdict::kBroken) > 0) return 2;
  return Count(Verdict::kWarning) > 0 ? 1 : 0;
}

Examination Examine(std::shared_ptr<const House> house, const std::vector<const Check*>& checks) {
  std::vector<std::shared_ptr<Run>> runs;
  for (const Check* check : checks) runs.push_back(Start(*check, house));
  Examination examination;
  for (size_t i = 0; i < runs.size(); ++i) {
    if (!WaitFor(*runs[i], *house)) examination.is_one_left = true;
    examination.results.push_back({checks[i], runs[i]->notes.all()});
  }
  return examination;
}

}  // namespace usage::doctor
