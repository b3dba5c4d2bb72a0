// The list of routers, how many of them answer the exporter, and why the others do not: these are
// asked once from here.
#include <algorithm>

#include "core/clock.h"
#include "doctor/amounts.h"
#include "doctor/checks.h"
#include "sources/postgres/source_factory.h"
#include "sources/routers/router_source.h"

namespace usage::doctor {
namespace {

using std::chrono::milliseconds;

constexpr size_t kMostShown = 10;        // routers with a fault, and rows
constexpr milliseconds kLeastTime{200};  // of one question
constexpr char kRemedy[] = "see docs/routers.md, faults and remedies";

std::string SubjectOf(const RouterConfig& router) { return "router " + router.name; }

// "fault; remedy", with the subject in front or without.
void NoteFault(const RouterConfig& router, std::string error, Notes& notes) {
  const std::string subject = SubjectOf(router);
  if (error.starts_with(subject + " ")) error.erase(0, subject.size() + 1);
  const size_t end = error.find("; ");
  notes.Broken(subject, error.substr(0, end), end == error.npos ? kRemedy : error.substr(end + 2));
}

// "" when it answers.
std::string Ask(RouterConfig router, milliseconds time) {
  const SystemClock clock;
  router.timeout = std::min(router.timeout, time);
  try {
    MakeRouterSource(router, clock)->Poll(PollDepth::kRows);
    return "";
  } catch (const std::exception& e) {
    return e.what();
  }
}

// Asks one after the other while there is time, and until enough have faults.
class Questions {
 public:
  Questions(const House& house, Notes& notes) : house_(house), notes_(notes) {}

  void Ask(const std::vector<const RouterConfig*>& routers) {
    for (size_t i = 0; i < routers.size(); ++i) {
      const milliseconds time = house_.Share(routers.size() - i);
      if (time < kLeastTime || faults_ == kMostShown) {
        return notes_.Broken("routers", "and " + Count(routers.size() - i) + " more, not asked",
                             "correct these first");
      }
      const std::string error = doctor::Ask(*routers[i], time);
      if (!error.empty()) {
        ++faults_;
        NoteFault(*routers[i], error, notes_);
      } else {
        notes_.Warn(SubjectOf(*routers[i]), "answers from here, and usage_exporter not last time",
                    "look again in a minute; then reload usage_exporter");
      }
    }
  }

 private:
  const House& house_;
  Notes& notes_;
  size_t faults_ = 0;
};

void NoteList(const RouterList& list, Notes& notes) {
  notes.Good("list", Count(list.routers.size(), "router"));
  for (size_t i = 0; i < std::min(list.bad.size(), kMostShown); ++i) {
    notes.Broken("list", list.bad[i].fault, "correct it there");
  }
  if (list.bad.size() > kMostShown) {
    notes.Broken("list", "and " + Count(list.bad.size() - kMostShown) + " more with faults",
                 "correct these first");
  }
  for (const std::string& warning : list.warnings) {
    notes.Warn("list", warning, "change it, unless it is meant");
  }
}

std::vector<const RouterConfig*> SilentOf(const RouterList& list, const MetricsPage& page) {
  std::vector<const RouterConfig*> silent;
  for (const RouterConfig& router : list.routers) {
    if (page.Value("usage_router_up", {{"router", router.name}}) != 1) silent.push_back(&router);
  }
  return silent;
}

}  // namespace

void CheckRouters(const House& house, Notes& notes) {
  if (!house.config().routers) return notes.NotChecked("routers", "routers");
  const RouterList list = MakeRouterListSource(*house.config().routers)->Read();
  NoteList(list, notes);
  if (!house.HasExporterPage()) return notes.NotSeen("what usage_exporter polls", "Exporter");
  const std::vector<const RouterConfig*> silent = SilentOf(list, house.ExporterPage());
  const size_t well = list.routers.size() - silent.size();
  notes.Good("routers", Count(well) + " of " + Count(list.routers.size()) + " answer");
  Questions(house, notes).Ask(silent);
}

}  // namespace usage::doctor
