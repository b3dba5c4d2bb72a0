// The ledger and its store, for several sources at once.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/busy_timer.h"
#include "app/router_sink.h"
#include "core/clock.h"
#include "ledger/router_books.h"
#include "metrics/snapshot.h"
#include "sources/session_source.h"
#include "sources/tenant_source.h"
#include "storage/store.h"

namespace usage {

// Thread-safe: every call holds one lock, so a slow ledger database delays all; it is one database.
//
// After any failure to write, the books are read anew from the database before anything else is
// booked: whether the failed transaction took effect is then known. Until that succeeds the
// numbers of the last commit go on being shown.
class Bookkeeper : public RouterSink {
 public:
  Bookkeeper(const Config& config, const Clock& clock);

  // Where the reader of that source goes on. Throws StoreError.
  ResumePoint Resume(const std::string& source);

  // Books what a source read. When it returns, the batch is durable. Throws StoreError, or
  // std::logic_error for a broken invariant; then nothing of the batch is booked.
  void Book(const SourceBatch& batch);

  // Which routers there are. Nothing where the configuration has none.
  void SetRouters(const std::vector<RouterId>& routers) override;

  // What one of them said. Without the ledger's database too: the live view goes on. Throws
  // StoreError where the router's word is booked at once and that fails.
  void TakeReading(const std::string& router, const std::string& tenant,
                   const RouterReading& reading) override;

  // Takes a new list of tenants. Throws StoreError.
  void UpdateTenants(const std::vector<TenantInfo>& tenants);

  // What has to be done though no source has news: days that begin, the fold when it is due, the
  // way back to a database that was away. Throws StoreError.
  void KeepUp();

  // Takes everything into the tables. Throws StoreError.
  void Close();

  // Fills in what the ledger knows: tenants, and the ledger's part of the exporter and the
  // sources (found by name). While a call to the ledger's database takes long that is what it was
  // in `before`, the last snapshot, null for none: no database holds up a page.
  void Describe(const Snapshot* before, Snapshot* snapshot);

 private:
  using Lock = std::unique_lock<std::mutex>;

  template <typename Body>
  auto WithBooks(Body body);
  template <typename Body>
  auto WithLockedBooks(Body body);
  void Load();
  SourceRef SourceOf(const std::string& name);
  void Commit(const Change& change);
  void Overrule(SourceRef source, SourceBatch* batch, std::map<LedgerCase, uint64_t>* cases);
  void Place(SourceRef source, const SourceBatch& batch);
  void BookRoutersWords(const std::vector<RouterWord>& words, Instant at);
  void Hear(const Change& change);
  Authority AuthorityOf(Access access) const;
  void Attribute(const std::vector<std::string>& tenants);
  void Fold();
  void FoldIfDue();
  void CountIfDue();
  void DescribeAsBefore(const Snapshot& before, Snapshot* snapshot) const;
  void DescribeTenants(Snapshot* snapshot);
  void DescribeSource(SourceStatus* status);

  const Config config_;
  const Clock& clock_;

  BusyTimer busy_;    // the call that holds the lock, unless it only describes
  std::mutex mutex_;  // guards all below
  Store store_;
  std::unique_ptr<Ledger> ledger_;      // as of the last commit; null before the first Load
  bool is_current_ = false;             // false: Load before the next booking
  std::optional<RouterBooks> routers_;  // none: not configured
  std::map<std::string, SourceRef> sources_;
  std::map<SourceRef, std::string> cursors_;                   // as committed
  std::map<SourceRef, std::map<LedgerCase, uint64_t>> cases_;  // since start
  std::chrono::steady_clock::time_point next_fold_;
  std::chrono::steady_clock::time_point next_count_;
  LedgerStatus status_;
};

}  // namespace usage
