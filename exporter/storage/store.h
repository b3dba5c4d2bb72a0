// The ledger's home: schema `usage` in PostgreSQL.
#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/config.h"
#include "ledger/ledger.h"
#include "sources/session_source.h"

namespace usage {

// The ledger's database is away, or said no. The message names the database, the fault and the
// remedy, and holds no secret. Nothing is known of the transaction that was under way: Load again.
class StoreError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Another exporter writes this ledger. Try again later.
class NotTheWriter : public StoreError {
 public:
  using StoreError::StoreError;
};

// One thread at a time. After any StoreError the next call that may be made is Load. Every call
// ends: after StorageConfig::timeout, or ten minutes where whole tables are read or written, it
// throws, also when the server stands still.
//
// Two writers can't be: an advisory lock lets one in, and each change moves state.seq on from the
// value that this writer left there, so that one which lost its lock without noticing can't commit.
class Store {
 public:
  explicit Store(const StorageConfig& config);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Connects, brings the schema up to date, becomes the writer, and reads the books as they were
  // at the last committed change.
  std::unique_ptr<Ledger> Load(const LedgerRules& rules, Instant now);

  // The number of a source of that name; a new one for a new name.
  SourceRef SourceOf(const std::string& name);
  // Where that source's reader goes on.
  ResumePoint Resume(SourceRef source, const Ledger& ledger);

  // Gives the ledger what it lacks for a plan.
  void Restore(SourceRef source, const Missing& missing, Ledger* ledger);
  void RestoreAccounts(const std::vector<AccountRef>& accounts, Ledger* ledger);
  // What is parked for tenants that were unknown so far.
  std::vector<Parked> ParkedOf(const std::vector<std::string>& tenants);

  // Durable when it returns.
  void Commit(const Change& change);
  void Commit(const TenantUpdate& update);

  // Takes the journal into the tables. Returns how many sessions, and tenants' totals, do not sum:
  // 0 unless something is broken.
  uint64_t Fold();

  // For logs: host:port/database as user.
  const std::string& display() const { return config_.database.display; }

 private:
  class Session;

  void Connect();
  template <typename Body>
  auto Guarded(Body body);
  template <typename Body>
  auto Guarded(std::chrono::milliseconds limit, Body body);
  StoreError Explained(const std::string& what) const;

  const StorageConfig config_;
  std::unique_ptr<Session> session_;
};

}  // namespace usage
