#include "app/router_fleet.h"

#include <algorithm>
#include <utility>

#include "app/log.h"

namespace usage {
namespace {

// Logs what was not there before.
void LogNews(const std::vector<std::string>& before, const std::vector<std::string>& now) {
  for (const std::string& text : now) {
    const bool is_known = std::find(before.begin(), before.end(), text) != before.end();
    if (!is_known) Log(LogLevel::kWarn, text);
  }
}

}  // namespace

RouterFleet::RouterFleet(const RoutersConfig& config, std::unique_ptr<RouterListSource> list,
                         RouterSourceMaker make, RouterSink& sink, const Clock& clock)
    : config_(config),
      list_(std::move(list)),
      clock_(clock),
      pool_(config, std::move(make), sink) {}

void RouterFleet::Start() {
  refresh_ = std::make_unique<Periodic>(config_.refresh, [this](uint64_t) { ReadList(); });
}

void RouterFleet::Stop() {
  refresh_.reset();
  pool_.Stop();
}

void RouterFleet::ReadList() {
  std::string error;
  try {
    const RouterList list = list_->Read();
    pool_.Update(Take(list));
    NoteBad(list.bad);
    NoteWarnings(list.warnings);
  } catch (const std::exception& e) {
    error = e.what();
  }
  faults_.Note("routers", error);
  std::lock_guard lock(mutex_);
  status_.up = error.empty();
  status_.error = error;
  if (error.empty()) status_.timestamp = clock_.Now();
}

// A router whose row has become bad goes on as it was: who mistypes an address in the panel has
// not meant to end the accounting.
std::vector<RouterConfig> RouterFleet::Take(const RouterList& list) {
  std::map<std::string, RouterConfig> taken;
  for (const RouterConfig& router : list.routers) taken.emplace(router.name, router);
  for (const BadRouter& bad : list.bad) {
    const auto before = known_.find(bad.name);
    if (before != known_.end()) taken.emplace(bad.name, before->second);
  }
  known_ = std::move(taken);
  std::vector<RouterConfig> routers;
  for (const auto& [name, router] : known_) routers.push_back(router);
  return routers;
}

void RouterFleet::NoteBad(const std::vector<BadRouter>& bad) {
  std::vector<std::string> faults;
  for (const BadRouter& router : bad) faults.push_back(router.fault);
  LogNews(logged_bad_, faults);
  logged_bad_ = std::move(faults);
  std::lock_guard lock(mutex_);
  status_.bad_rows = bad.size();
}

void RouterFleet::NoteWarnings(const std::vector<std::string>& warnings) {
  LogNews(logged_warnings_, warnings);
  logged_warnings_ = warnings;
}

void RouterFleet::Describe(Snapshot* snapshot) const {
  snapshot->routers = pool_.statuses();
  std::lock_guard lock(mutex_);
  snapshot->router_list = status_;
}

bool RouterFleet::HasNews() {
  const uint64_t ended = pool_.ended();
  return std::exchange(seen_polls_, ended) != ended;
}

}  // namespace usage
