#include "sources/postgres/notify_feed.h"

#include <condition_variable>
#include <utility>

#include "sources/postgres/feed_ddl.h"

namespace usage {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How long Stop waits at most.
constexpr milliseconds kTurn{100};

std::string ConninfoOf(const SourceConfig& config) {
  PgSettings settings;
  settings.application_name = "usage_exporter/" + config.name + "/feed";
  settings.connect_timeout = settings.statement_timeout = config.timeout;
  return ConnectionString(config.database.dsn, config.database.password, settings);
}

void Sleep(milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

NotifyFeed::NotifyFeed(const SourceConfig& config, Hooks hooks)
    : name_(config.name),
      channel_(config.notify_channel),
      display_(config.database.display),
      conninfo_(ConninfoOf(config)),
      timeout_(config.timeout),
      hooks_(std::move(hooks)) {}

void NotifyFeed::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void NotifyFeed::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void NotifyFeed::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      Listen(stop);
    } catch (const std::exception& error) {
      hooks_.note(display_ + ": " + error.what());
    }
    listening_ = false;
    const auto now = steady_clock::now();
    backoff_.Failed(now);
    if (!stop.stop_requested()) Sleep(backoff_.Left(now), stop);
  }
}

void NotifyFeed::Listen(const std::stop_token& stop) {
  PgConnection connection(conninfo_, steady_clock::now() + timeout_);
  connection.Query("LISTEN " + connection.Identifier(channel_), steady_clock::now() + timeout_);
  {
    std::lock_guard lock(mutex_);
    is_new_ = true;
  }
  listening_ = true;
  backoff_.Succeeded();
  hooks_.note("");
  hooks_.wake();
  while (!stop.stop_requested()) Take(connection.Notifications(steady_clock::now() + kTurn));
}

void NotifyFeed::Take(const std::vector<std::string>& payloads) {
  if (payloads.empty()) return;
  notifications_ += payloads.size();
  {
    std::lock_guard lock(mutex_);
    for (const std::string& payload : payloads) AddKeys(payload);
  }
  hooks_.wake();
}

// The payload is one key a line. Whoever may connect to the database may notify: what is no key
// has no row.
void NotifyFeed::AddKeys(const std::string& payload) {
  if (payload == kFeedMany) is_too_much_ = true;
  for (size_t at = 0; at < payload.size() && !is_too_much_;) {
    const size_t end = std::min(payload.find('\n', at), payload.size());
    if (end > at) keys_.insert(payload.substr(at, end - at));
    is_too_much_ = keys_.size() > kMostRows;
    at = end + 1;
  }
  if (is_too_much_) keys_.clear();
}

NotifyFeed::Changes NotifyFeed::Take() {
  std::lock_guard lock(mutex_);
  Changes changes;
  changes.all = std::exchange(is_new_, false);
  const std::set<std::string> keys = std::exchange(keys_, {});
  changes.keys.assign(keys.begin(), keys.end());
  return changes;
}

void NotifyFeed::Forget() {
  std::lock_guard lock(mutex_);
  keys_.clear();
  is_too_much_ = is_new_ = false;
}

NotifyFeed::Status NotifyFeed::status() const { return {listening_, notifications_}; }

}  // namespace usage
