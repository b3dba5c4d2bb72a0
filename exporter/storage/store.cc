#include "storage/store.h"

#include <thread>

#include "net/postgres.h"
#include "storage/fold.h"
#include "storage/journal_codec.h"
#include "storage/line_cutter.h"
#include "storage/loader.h"
#include "storage/migrations.h"
#include "storage/pq.h"
#include "storage/writer_lock.h"

namespace usage {
namespace {

// "usag", so that the lock is told from other programs'.
constexpr int kLockSpace = 0x75736167;
constexpr int kLockTries = 10;
constexpr auto kLockPause = std::chrono::milliseconds(100);
// A cycle is short; what goes through whole tables may take its time.
const char* const kPatient = "SET LOCAL statement_timeout = '10min'";
constexpr auto kPatience = std::chrono::minutes(10);
// A server that runs says itself that the time is over.
constexpr auto kServersHeadStart = std::chrono::seconds(1);

std::string Remedy(const std::string& what) {
  if (what.find("permission denied") != std::string::npos) {
    return ": grant the role CREATE on the database, or create the schema for it (docs/grants.md)";
  }
  return "";
}

std::string ConninfoOf(const StorageConfig& config) {
  PgSettings settings;
  settings.application_name = "usage_exporter/ledger";
  settings.statement_timeout = config.timeout;
  return ConnectionString(config.database.dsn, config.database.password, settings);
}

std::string FirstLine(std::string text) {
  text.resize(std::min(text.size(), text.find('\n')));
  return text;
}

}  // namespace

// A connection that is the writer.
class Store::Session {
 public:
  Session(const StorageConfig& config, const std::string& conninfo)
      : connection_(conninfo), cutter_(connection_.sock()) {
    LineCutter::Limit limit(cutter_, kPatience);
    connection_.set_variable("search_path", connection_.quote_name(config.schema));
    TakeLock(config);
    Migrate(connection_, config.schema);
    pqxx::work tx(connection_);
    auto row = tx.exec1("UPDATE state SET writer = writer + 1 RETURNING writer, seq");
    writer_ = row[0].as<int64_t>();
    seq_ = row[1].as<int64_t>();
    tx.commit();
  }

  // One statement moves the sequence on and proves that no other writer came between.
  void Fence(pqxx::work& tx) {
    auto result = tx.exec_params("UPDATE state SET seq = seq + 1 WHERE writer = $1 AND seq = $2",
                                 writer_, seq_);
    if (result.affected_rows() != 1) {
      throw NotTheWriter("another exporter has become the writer of this ledger");
    }
  }
  void Moved() { ++seq_; }

  pqxx::connection& connection() { return connection_; }
  LineCutter& cutter() { return cutter_; }
  FoldBuffer& buffer() { return buffer_; }
  int64_t seq() const { return seq_; }
  std::string& cursor(SourceRef source) { return cursors_[source]; }

 private:
  // The server may take a moment to notice that the writer before this one has ended.
  void TakeLock(const StorageConfig& config) {
    pqxx::nontransaction tx(connection_);
    for (int tries = 0; !TryLock(tx, config); ++tries) {
      if (tries == kLockTries) {
        throw NotTheWriter("another exporter writes schema " + config.schema + Holder(tx, config));
      }
      std::this_thread::sleep_for(kLockPause);
    }
  }

  static bool TryLock(pqxx::nontransaction& tx, const StorageConfig& config) {
    return tx.exec_params1(kTryWriterLock, kLockSpace, config.schema)[0].as<bool>();
  }

  static std::string Holder(pqxx::nontransaction& tx, const StorageConfig& config) {
    auto rows = tx.exec_params(kWriterLockHolder, kLockSpace, config.schema);
    if (rows.empty()) return "";
    return " (connected from " + rows[0][0].as<std::string>() + " since " +
           rows[0][1].as<std::string>() + "); this one waits";
  }

  pqxx::connection connection_;
  LineCutter cutter_;
  int64_t writer_ = 0;
  int64_t seq_ = 0;
  FoldBuffer buffer_;
  std::map<SourceRef, std::string> cursors_;  // as committed
};

namespace {

void Replay(pqxx::transaction_base& tx, Ledger* ledger, FoldBuffer* buffer) {
  for (const auto& row : tx.exec("SELECT record FROM journal ORDER BY seq")) {
    pqxx::binarystring record(row[0]);
    Change change = DecodeChange({record.get(), record.size()});
    LoadMissing(tx, ledger->WhatIsMissing(change), ledger);
    ledger->Apply(change);
    buffer->Add(change);
  }
}

uint64_t CountUnequalTotals(pqxx::transaction_base& tx) {
  auto row = tx.exec1(
      "SELECT count(*) FROM tenant_total t LEFT JOIN (SELECT tenant_id, access, "
      "sum(upload_bytes) AS u, sum(download_bytes) AS v FROM tenant_month GROUP BY 1, 2) m USING "
      "(tenant_id, access) WHERE t.upload_bytes <> coalesce(u, 0) OR t.download_bytes <> "
      "coalesce(v, 0)");
  return row[0].as<uint64_t>();
}

}  // namespace

// Runs `body` and turns what libpqxx throws into a StoreError; the connection is then given up,
// since nobody knows what became of a commit that was under way.
template <typename Body>
auto Store::Guarded(std::chrono::milliseconds limit, Body body) {
  try {
    if (!session_) throw StoreError("not connected");
    LineCutter::Limit limited(session_->cutter(), limit + kServersHeadStart);
    return body(*session_);
  } catch (const StoreError&) {
    session_.reset();
    throw;
  } catch (const pqxx::failure& e) {
    const StoreError error = Explained(e.what());
    session_.reset();
    throw error;
  }
}

template <typename Body>
auto Store::Guarded(Body body) {
  return Guarded(config_.timeout, std::move(body));
}

StoreError Store::Explained(const std::string& what) const {
  std::string fault = FirstLine(what) + Remedy(what);
  if (session_ != nullptr && !session_->connection().is_open()) fault = "the connection was lost";
  if (session_ != nullptr && session_->cutter().has_cut()) fault = "no answer in time";
  return StoreError("ledger at " + display() + ": " + fault);
}

Store::Store(const StorageConfig& config) : config_(config) {}
Store::~Store() = default;

std::unique_ptr<Ledger> Store::Load(const LedgerRules& rules, Instant now) {
  Connect();
  return Guarded(kPatience, [&](Session& session) {
    auto ledger = std::make_unique<Ledger>(rules);
    {
      pqxx::read_transaction tx(session.connection());
      tx.exec(kPatient);
      LoadTables(tx, now, ledger.get());
      Replay(tx, ledger.get(), &session.buffer());
      for (const auto& row : tx.exec("SELECT source_ref, cursor FROM source")) {
        session.cursor(row[0].as<SourceRef>()) = row[1].as<std::string>();
      }
    }
    Fold();
    return ledger;
  });
}

void Store::Connect() try {
  session_.reset();
  session_ = std::make_unique<Session>(config_, ConninfoOf(config_));
} catch (const pqxx::failure& e) {
  throw Explained(e.what());
}

SourceRef Store::SourceOf(const std::string& name) {
  return Guarded([&](Session& session) {
    pqxx::work tx(session.connection());
    tx.exec_params(
        "INSERT INTO source (source_ref, name) SELECT (SELECT coalesce(max(source_ref), "
        "0) + 1 FROM source), $1 ON CONFLICT (name) DO NOTHING",
        name);
    auto row = tx.exec_params1("SELECT source_ref FROM source WHERE name = $1", name);
    tx.commit();
    return row[0].as<SourceRef>();
  });
}

ResumePoint Store::Resume(SourceRef source, const Ledger& ledger) {
  return Guarded([&](Session& session) {
    ResumePoint point;
    point.cursor = session.cursor(source);
    point.open = ledger.OpenKeys(source);
    pqxx::read_transaction tx(session.connection());
    auto rows = tx.exec_params("SELECT key, " + MicrosOf("closed_at") +
                                   " FROM session WHERE source_ref = $1 AND closed_at > now() - "
                                   "interval '24 hours'",
                               source);
    for (const auto& row : rows) {
      point.watched.push_back({row[0].as<std::string>(), *AsTime(row[1])});
    }
    return point;
  });
}

void Store::Restore(SourceRef source, const Missing& missing, Ledger* ledger) {
  if (missing.empty()) return;
  Guarded([&](Session& session) {
    pqxx::read_transaction tx(session.connection());
    LoadMissing(tx, source, missing, ledger);
  });
}

void Store::RestoreAccounts(const std::vector<AccountRef>& accounts, Ledger* ledger) {
  if (accounts.empty()) return;
  Guarded([&](Session& session) {
    pqxx::read_transaction tx(session.connection());
    LoadAccountsByRef(tx, accounts, ledger);
  });
}

std::vector<Parked> Store::ParkedOf(const std::vector<std::string>& tenants) {
  Fold();
  return Guarded([&](Session& session) {
    pqxx::read_transaction tx(session.connection());
    return LoadParked(tx, tenants);
  });
}

void Store::Commit(const Change& change) {
  Guarded([&](Session& session) {
    bool same_cursor = change.source == 0 || session.cursor(change.source) == change.cursor;
    if (change.empty() && same_cursor) return;
    pqxx::work tx(session.connection());
    session.Fence(tx);
    if (!change.empty()) {
      std::string record = EncodeChange(change);
      tx.exec_params("INSERT INTO journal VALUES ($1, $2)", session.seq() + 1,
                     pqxx::binarystring(record));
    }
    if (!same_cursor) {
      tx.exec_params("UPDATE source SET cursor = $2 WHERE source_ref = $1", change.source,
                     change.cursor);
    }
    tx.commit();
    session.Moved();
    if (!same_cursor) session.cursor(change.source) = change.cursor;
    if (!change.empty()) session.buffer().Add(change);
  });
}

void Store::Commit(const TenantUpdate& update) {
  if (update.changed.empty()) return;
  Guarded([&](Session& session) {
    pqxx::work tx(session.connection());
    session.Fence(tx);
    for (const TenantProfile& profile : update.changed) SaveTenant(tx, profile);
    tx.commit();
    session.Moved();
  });
}

uint64_t Store::Fold() {
  return Guarded(kPatience, [&](Session& session) {
    FoldBuffer& buffer = session.buffer();
    pqxx::work tx(session.connection());
    tx.exec(kPatient);
    session.Fence(tx);
    buffer.WriteTo(tx);
    tx.exec("DELETE FROM journal");
    tx.exec_params("UPDATE state SET folded_seq = $1, folded_at = now()", session.seq());
    uint64_t violations = buffer.CountViolations(tx) + CountUnequalTotals(tx);
    tx.commit();
    session.Moved();
    buffer.Clear();
    return violations;
  });
}

}  // namespace usage
