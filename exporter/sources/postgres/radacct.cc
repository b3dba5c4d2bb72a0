#include "sources/postgres/radacct.h"

#include <iterator>
#include <utility>

namespace usage {
namespace {

constexpr std::chrono::minutes kLearnEvery{1};
// Of seven locks each, the table's and its indexes', where a server has room for 6,400 (64 for
// each of 100 connections) by default.
constexpr size_t kSchemasInAGroup = 50;

void Append(std::vector<std::string>& all, std::vector<std::string>& more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

void Merge(SourceBatch& all, SourceBatch part) {
  all.observations.insert(all.observations.end(),
                          std::make_move_iterator(part.observations.begin()),
                          std::make_move_iterator(part.observations.end()));
  Append(all.gone, part.gone);
  all.open_rows += part.open_rows;
  for (const auto& [source_case, count] : part.cases) all.cases[source_case] += count;
}

}  // namespace

RadacctSource::RadacctSource(const std::string& source, const DatabaseConfig& database,
                             std::chrono::milliseconds timeout, RadacctConfig config,
                             const Clock& clock)
    : source_(source),
      config_(std::move(config)),
      clock_(clock),
      session_("source " + source, "usage_exporter/" + source, database, timeout) {}

void RadacctSource::Resume(const ResumePoint& point) {
  for (const std::string& key : point.open) not_placed_[SchemaOf(key)].open.push_back(key);
  for (const auto& closed : point.watched) {
    not_placed_[SchemaOf(closed.key)].watched.push_back(closed);
  }
  for (const auto& [schema, number] :
       ParseRadacctNumbers(point.cursor).value_or(RadacctNumbers())) {
    not_placed_[schema].cursor = FormatRadacctNumbers({{schema, number}});
  }
}

SourceBatch RadacctSource::Read() {
  SourceBatch batch;
  batch.source = source_;
  batch.read_at = clock_.Now();
  session_.LimitReading();
  learnt_now_ = false;
  try {
    if (IsTimeToLearn()) Learn();
    ReadGroups(batch);
  } catch (...) {
    Reject();
    has_learnt_ = false;
    throw;
  }
  batch.cursor = Cursor();
  batch.advice = advice_;
  return batch;
}

SourceBatch RadacctSource::ReadRows(std::span<const std::string> keys) {
  SourceBatch batch;
  batch.source = source_;
  batch.read_at = clock_.Now();
  batch.whole = false;
  session_.LimitReading();
  try {
    for (const auto& [group, some] : ByGroup(keys)) Merge(batch, group->tracker->ReadRows(some));
  } catch (...) {
    Reject();
    has_learnt_ = false;
    throw;
  }
  batch.cursor = Cursor();
  return batch;
}

// Without those whose schema is not known yet.
std::map<RadacctSource::Group*, std::vector<std::string>> RadacctSource::ByGroup(
    std::span<const std::string> keys) const {
  std::map<Group*, std::vector<std::string>> groups;
  for (const std::string& key : keys) {
    const auto found = group_of_.find(SchemaOf(key));
    if (found != group_of_.end()) groups[found->second].push_back(key);
  }
  return groups;
}

void RadacctSource::ReadGroups(SourceBatch& batch) {
  for (size_t i = 0; i < groups_.size(); ++i) {  // learning may add groups
    Merge(batch, ReadGroup(*groups_[i]));
    if (learnt_connection_ != session_.connections()) Learn();
  }
}

// A schema may have been dropped since the list was read: the others are read all the same.
SourceBatch RadacctSource::ReadGroup(Group& group) {
  try {
    return group.tracker->Read();
  } catch (const std::runtime_error&) {
    if (learnt_now_) throw;
    Learn();
    return group.tracker->Read();
  }
}

bool RadacctSource::IsTimeToLearn() const {
  return !has_learnt_ || learnt_connection_ != session_.connections() ||
         std::chrono::steady_clock::now() - learnt_at_ >= kLearnEvery;
}

void RadacctSource::Learn() {
  session_.Begin();
  RadacctCatalogue catalogue = FindRadacct(config_, session_);
  session_.End();
  Place(catalogue.parts);
  advice_ = std::move(catalogue.advice);
  has_learnt_ = learnt_now_ = true;
  learnt_connection_ = session_.connections();
  learnt_at_ = std::chrono::steady_clock::now();
}

// A schema stays in its group: there its sessions are known.
void RadacctSource::Place(const std::vector<RadacctPart>& parts) {
  std::map<Group*, std::vector<RadacctPart>> readable;
  std::map<Group*, std::vector<std::string>> fresh;
  for (const RadacctPart& part : parts) {
    Group*& group = group_of_[part.schema];
    if (group == nullptr) {
      group = &GroupWithRoom();
      group->schemas.push_back(part.schema);
      fresh[group].push_back(part.schema);
    }
    readable[group].push_back(part);
  }
  for (const auto& group : groups_) group->table->SetParts(std::move(readable[group.get()]));
  for (const auto& [group, schemas] : fresh) HandOver(*group, schemas);
}

RadacctSource::Group& RadacctSource::GroupWithRoom() {
  if (groups_.empty() || groups_.back()->schemas.size() >= kSchemasInAGroup) {
    auto table = std::make_unique<RadacctTable>(config_, session_);
    auto group = std::make_unique<Group>();
    group->table = table.get();
    group->tracker = std::make_unique<SessionTracker>(source_, std::move(table), clock_);
    groups_.push_back(std::move(group));
  }
  return *groups_.back();
}

// What the ledger remembers of the schemas.
void RadacctSource::HandOver(Group& group, const std::vector<std::string>& schemas) {
  for (const std::string& schema : schemas) {
    group.tracker->Resume(not_placed_[schema]);
    not_placed_.erase(schema);
  }
}

void RadacctSource::Acknowledge() {
  for (const auto& group : groups_) group->tracker->Acknowledge();
}

void RadacctSource::Reject() {
  for (const auto& group : groups_) group->tracker->Reject();
}

std::string RadacctSource::Cursor() const {
  RadacctNumbers numbers;
  for (const auto& [schema, point] : not_placed_) {
    numbers.merge(ParseRadacctNumbers(point.cursor).value_or(RadacctNumbers()));
  }
  for (const auto& group : groups_) {
    numbers.merge(ParseRadacctNumbers(group->table->Cursor()).value_or(RadacctNumbers()));
  }
  return FormatRadacctNumbers(numbers);
}

std::string RadacctSource::SchemaOf(const std::string& key) const {
  return config_.schemas_sql.empty() ? "" : key.substr(0, key.find('/'));
}

}  // namespace usage
