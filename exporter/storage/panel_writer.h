// Writes counters into the panel's table of sessions, beside the panel, which comes first.
#pragma once

#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/config.h"
#include "ledger/panel_plan.h"
#include "net/postgres.h"

namespace usage {

// Names the database, what is wrong and what to do.
class WriteBackError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One thread at a time. Every call ends within WriteBackConfig::timeout or throws WriteBackError;
// the next one connects again where that is needed.
//
// One exporter writes: it holds an advisory lock in the panel's database, on the connection that it
// writes by, so that without the lock there is no connection to write with.
class PanelWriter {
 public:
  // `sources`: no table that one of them reads is written to.
  PanelWriter(const WriteBackConfig& config, std::vector<SourceConfig> sources);
  ~PanelWriter();
  PanelWriter(const PanelWriter&) = delete;
  PanelWriter& operator=(const PanelWriter&) = delete;

  // Connects unless connected. False: another exporter writes; `other()` says which. Throws where
  // the role may do more than write the three columns, or a source reads the table.
  bool BecomeWriter();
  const std::string& other() const { return other_; }
  bool is_writer() const { return is_writer_; }

  // One statement, one transaction; how many rows it has changed. A counter is never lowered,
  // whatever was written meanwhile; a row that somebody has locked is left out, so that nobody is
  // waited for, and nobody waits for long.
  uint64_t Write(std::span<const PanelUpdate> rows);

 private:
  bool IsAlive();
  void Connect();
  void CheckRole();
  void CheckSources();
  PgRows Query(const std::string& sql, std::span<const std::string> parameters = {});
  WriteBackError Explained(const PgError& error) const;

  const WriteBackConfig config_;
  const std::vector<SourceConfig> sources_;
  const std::string display_;
  std::unique_ptr<PgConnection> connection_;
  std::string table_;  // its oid
  std::string name_;   // quoted, for SQL
  bool is_writer_ = false;
  std::string other_;
};

}  // namespace usage
