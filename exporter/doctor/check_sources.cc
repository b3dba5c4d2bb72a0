// Reads each source once, as the exporter does, and compares with what the exporter shows.
#include <algorithm>

#include "core/clock.h"
#include "doctor/amounts.h"
#include "doctor/checks.h"
#include "sources/postgres/source_factory.h"

namespace usage::doctor {
namespace {

using Seconds = std::chrono::duration<double>;
using std::chrono::steady_clock;

// A booked reading may be so many intervals old.
constexpr double kPatience = 3;

std::string SubjectOf(const SourceConfig& source) { return "source " + source.name; }

// The statement of a piece of advice, "…: CREATE INDEX …;" or without the last character.
std::vector<std::string> StatementsOf(const std::string& advice) {
  for (const char* verb : {"CREATE ", "GRANT ", "ALTER "}) {
    const size_t begin = advice.find(verb);
    if (begin == advice.npos) continue;
    const size_t end = std::min(advice.find(';', begin), advice.size());
    return {advice.substr(begin, end - begin) + ";"};
  }
  return {};
}

std::string WithoutStatement(const std::string& advice) {
  const auto statements = StatementsOf(advice);
  if (statements.empty()) return advice;
  std::string text = advice.substr(0, advice.find(statements.front().substr(0, 7)));
  while (!text.empty() && (text.back() == ' ' || text.back() == ':')) text.pop_back();
  return text;
}

std::optional<Instant> NewestOf(const SourceBatch& batch) {
  std::optional<Instant> newest;
  for (const Observation& observation : batch.observations) {
    if (observation.stamp && (!newest || *observation.stamp > *newest)) newest = observation.stamp;
  }
  return newest;
}

std::string AgeOf(const SourceBatch& batch, Instant now) {
  const auto newest = NewestOf(batch);
  if (!newest) return ", no data";
  return ", newest data " + Span(std::max(Seconds(0), Seconds(now - *newest))) + " old";
}

void Read(const House& house, SourceConfig source, std::chrono::milliseconds time, Notes& notes) {
  const std::string subject = SubjectOf(source);
  source.timeout = time;
  source.notify = false;
  const SystemClock clock;
  try {
    const auto reader = MakeSource(source, clock);
    reader->Resume({});
    const auto begin = steady_clock::now();
    const SourceBatch batch = reader->Read();
    const Seconds took = steady_clock::now() - begin;
    notes.Good(subject, Count(batch.open_rows, "open session") + " read in " + Span(took) +
                            AgeOf(batch, house.now()));
    for (const std::string& advice : batch.advice) {
      notes.Warn(subject, WithoutStatement(advice), "as the table's owner", StatementsOf(advice));
    }
  } catch (const std::runtime_error& error) {
    notes.Broken(subject, error.what(), "rights and roles: docs/grants.md");
  }
}

// What the exporter says of it.
void Compare(const House& house, const SourceConfig& source, Notes& notes) {
  const MetricsPage& page = house.ExporterPage();
  const Labels labels = {{"source", source.name}};
  const auto up = page.Value("usage_source_up", labels);
  if (!up) {
    return notes.Warn(SubjectOf(source), "usage_exporter does not read it",
                      "it runs with another configuration: reload it",
                      {"curl -X POST " + house.doctor().exporter->Origin() + "/-/reload"});
  }
  const double last = page.Value("usage_source_last_success_timestamp_seconds", labels).value_or(0);
  const Seconds age(std::max(0.0, UnixSeconds(house.now()) - last));
  if (*up != 1 || age > kPatience * Seconds(source.interval)) {
    return notes.Broken(SubjectOf(source),
                        last == 0 ? "usage_exporter has never read it"
                                  : "usage_exporter read it last " + Span(age) + " ago",
                        "its log and its landing page have the reason");
  }
  notes.Good(SubjectOf(source), "usage_exporter read it " + Span(age) + " ago");
}

}  // namespace

void CheckSources(const House& house, Notes& notes) {
  const auto& sources = house.config().sources;
  for (size_t i = 0; i < sources.size(); ++i) {
    Read(house, sources[i], house.Share(sources.size() - i), notes);
  }
  if (!house.HasExporterPage()) return notes.NotSeen("what usage_exporter reads", "Exporter");
  for (const SourceConfig& source : sources) Compare(house, source, notes);
}

}  // namespace usage::doctor
