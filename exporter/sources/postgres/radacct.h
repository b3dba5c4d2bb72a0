// FreeRADIUS's accounting: one table, or one in each schema of a list.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "core/clock.h"
#include "sources/postgres/radacct_catalogue.h"
#include "sources/postgres/radacct_table.h"
#include "sources/postgres/session_tracker.h"
#include "sources/session_source.h"

namespace usage {

// The schemas are read in groups, each in a snapshot of its own: a transaction that touches a
// thousand tables would take most of the locks that a server has room for. A schema that cannot be
// read is named in the advice, and its sessions stay as they were.
class RadacctSource : public SessionSource {
 public:
  // The clock must outlive the source.
  RadacctSource(const std::string& source, const DatabaseConfig& database,
                std::chrono::milliseconds timeout, RadacctConfig config, const Clock& clock);

  void Resume(const ResumePoint& point) override;
  SourceBatch Read() override;
  SourceBatch ReadRows(std::span<const std::string> keys) override;
  void Acknowledge() override;
  void Reject() override;

 private:
  struct Group {
    std::vector<std::string> schemas;
    RadacctTable* table;  // the tracker's
    std::unique_ptr<SessionTracker> tracker;
  };

  void ReadGroups(SourceBatch& batch);
  bool IsTimeToLearn() const;
  void Learn();
  void Place(const std::vector<RadacctPart>& parts);
  Group& GroupWithRoom();
  void HandOver(Group& group, const std::vector<std::string>& schemas);
  SourceBatch ReadGroup(Group& group);
  std::map<Group*, std::vector<std::string>> ByGroup(std::span<const std::string> keys) const;
  std::string Cursor() const;
  std::string SchemaOf(const std::string& key) const;

  const std::string source_;
  const RadacctConfig config_;
  const Clock& clock_;
  ReadSession session_;

  std::vector<std::unique_ptr<Group>> groups_;
  std::map<std::string, Group*> group_of_;         // by schema
  std::map<std::string, ResumePoint> not_placed_;  // by schema: it has not been seen yet
  std::vector<std::string> advice_;
  bool has_learnt_ = false;
  bool learnt_now_ = false;  // in this reading
  uint64_t learnt_connection_ = 0;
  std::chrono::steady_clock::time_point learnt_at_;
};

}  // namespace usage
