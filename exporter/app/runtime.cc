#include "app/runtime.h"

#include "app/log.h"
#include "core/zone.h"
#include "sources/postgres/source_factory.h"
#include "sources/routers/router_source.h"

namespace usage {
namespace {

constexpr auto kHouseInterval = std::chrono::seconds(1);
constexpr auto kHistoryInterval = std::chrono::seconds(2);  // one small query
constexpr auto kPulseInterval = std::chrono::seconds(1);
// Ages and midnights show although no source has news.
constexpr auto kLongestSilence = std::chrono::seconds(5);
// A hundred routers have news twenty times a second. A snapshot costs more than a poll; so there is
// one a second of them, none later than such a pulse after that.
constexpr auto kNewsAge = std::chrono::seconds(1);
constexpr auto kNewsPulseInterval = std::chrono::milliseconds(250);

}  // namespace

Runtime::Runtime(const Config& config, const Clock& clock, ProgramStatus& program, SnapshotHub& hub,
                 HistoryHub& history_hub)
    : config_(config),
      clock_(clock),
      board_(config.sources),
      books_(config, clock),
      alerts_(config.tenants.default_alerts),
      publisher_(clock, books_, board_, alerts_, history_hub, program, hub),
      history_(config, clock, history_hub),
      live_(MakeLivePush(hub)),
      write_back_(MakeWriteBack()),
      routers_(MakeRouterFleet()),
      tenant_source_(MakeTenantSource(config.tenants)) {
  if (live_) publisher_.Show(*live_);
  if (write_back_) publisher_.Show(write_back_->write_back());
  if (routers_) publisher_.Show(*routers_);
}

std::unique_ptr<WriteBackLoop> Runtime::MakeWriteBack() {
  if (!config_.routers || !config_.routers->write_back) return nullptr;
  return std::make_unique<WriteBackLoop>(config_, clock_, books_);
}

std::unique_ptr<RouterFleet> Runtime::MakeRouterFleet() {
  if (!config_.routers) return nullptr;
  auto make = [this](const RouterConfig& router) { return MakeRouterSource(router, clock_); };
  RouterSink& sink = write_back_ ? write_back_->sink() : static_cast<RouterSink&>(books_);
  return std::make_unique<RouterFleet>(*config_.routers, MakeRouterListSource(*config_.routers),
                                       make, sink, clock_);
}

std::unique_ptr<grafana::LivePush> Runtime::MakeLivePush(const SnapshotHub& hub) {
  if (!config_.grafana || !config_.grafana->live) return nullptr;
  auto note = [this](const std::string& who, const std::string& error) {
    live_faults_[who].Note(who, error);
    if (error.empty()) live_faults_.erase(who);
  };
  return std::make_unique<grafana::LivePush>(*config_.grafana, config_.storage, hub, note);
}

void Runtime::Start() {
  is_started_ = true;
  // Before the sources: the first sessions find their tenants.
  ReadTenants();
  tenants_ =
      std::make_unique<Periodic>(config_.tenants.refresh, [this](uint64_t) { ReadTenants(); });
  for (size_t i = 0; i < config_.sources.size(); ++i) {
    const SourceConfig& source = config_.sources[i];
    auto reader = MakeSource(source, clock_, config_.routers.has_value());
    sources_.push_back(std::make_unique<SourceLoop>(source, i, std::move(reader), clock_, books_,
                                                    board_, publisher_));
  }
  if (routers_) routers_->Start();
  if (write_back_) write_back_->Start();
  if (live_) live_->Start();
  house_ = std::make_unique<Periodic>(kHouseInterval, [this](uint64_t) { KeepHouse(); });
  historian_ = std::make_unique<Periodic>(kHistoryInterval, [this](uint64_t) { KeepHistory(); });
  pulse_ = std::make_unique<Periodic>(routers_ ? kNewsPulseInterval : kPulseInterval,
                                      [this](uint64_t) { Pulse(); });
}

void Runtime::Stop() {
  if (!is_started_) return;
  is_started_ = false;
  pulse_.reset();
  historian_.reset();
  if (live_) live_->Stop();
  if (write_back_) write_back_->Stop();
  if (routers_) routers_->Stop();
  house_.reset();
  tenants_.reset();
  sources_.clear();
  try {
    books_.Close();
  } catch (const std::exception& e) {
    // The journal has it all: the next start takes it in.
    Log(LogLevel::kWarn, std::string("the last fold waits for the next start: ") + e.what());
  }
  publisher_.Publish();
}

void Runtime::ReadTenants() {
  std::string error;
  try {
    auto tenants = tenant_source_->Read();
    for (const std::string& fault : alerts_.Update(tenants)) Log(LogLevel::kWarn, fault);
    books_.UpdateTenants(tenants);
    LogUnknownZones(tenants);
    board_.TenantsRead(clock_.Now());
  } catch (const std::exception& e) {
    error = e.what();
    board_.TenantsFailed(error);
  }
  tenants_faults_.Note("tenants", error);
}

void Runtime::LogUnknownZones(const std::vector<TenantInfo>& tenants) {
  for (const TenantInfo& tenant : tenants) {
    bool is_news =
        Zone::Find(tenant.time_zone) == nullptr && logged_zones_.insert(tenant.id).second;
    if (!is_news) continue;
    Log(LogLevel::kWarn, "tenant " + tenant.id + ": unknown time zone '" + tenant.time_zone +
                             "': its days are UTC's; give it a name of the IANA database");
  }
}

void Runtime::KeepHouse() {
  std::string error;
  try {
    books_.KeepUp();
  } catch (const std::exception& e) {
    error = e.what();
  }
  ledger_faults_.Note("ledger", error);
}

void Runtime::Pulse() {
  if (routers_ && routers_->HasNews()) has_news_ = true;
  if (publisher_.PublishIfOlder(has_news_ ? kNewsAge : kLongestSilence)) has_news_ = false;
}

void Runtime::KeepHistory() {
  std::string error;
  try {
    history_.KeepUp();
  } catch (const std::exception& e) {
    error = e.what();
  }
  history_faults_.Note("history", error);
}

}  // namespace usage
