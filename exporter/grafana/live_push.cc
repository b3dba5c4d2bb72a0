#include "grafana/live_push.h"

#include <algorithm>
#include <utility>

#include "grafana/live_lines.h"

namespace usage::grafana {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

// Bounds how long Stop waits for the watcher.
constexpr milliseconds kWatchTurn{100};
constexpr seconds kTokensEvery{30};
// Between two readings of the tokens, however many are refused.
constexpr seconds kTokensPause{1};

constexpr char kGrafana[] = "live push";
constexpr char kTokens[] = "orgs of the live push";

size_t PlaceOf(const Snapshot& snapshot, const std::string& tenant) {
  const auto& tenants = snapshot.tenants;
  const auto it = std::lower_bound(tenants.begin(), tenants.end(), tenant,
                                   [](const auto& t, const auto& id) { return t.id < id; });
  const bool is_there = it != tenants.end() && it->id == tenant;
  return static_cast<size_t>((is_there ? it : tenants.end()) - tenants.begin());
}

Instant Now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

}  // namespace

LivePush::LivePush(const GrafanaConfig& grafana, const StorageConfig& storage,
                   const SnapshotHub& hub, Note note)
    : config_(*grafana.live),
      hub_(hub),
      note_(std::move(note)),
      tokens_(storage),
      queue_(config_.interval) {
  for (int i = 0; i < config_.concurrency; ++i) {
    workers_.push_back(std::make_unique<Worker>(grafana, config_.timeout));
  }
}

void LivePush::Start() {
  reader_ = std::jthread([this](const std::stop_token& stop) { KeepTokens(stop); });
  watcher_ = std::jthread([this](const std::stop_token& stop) { Watch(stop); });
  for (auto& worker : workers_) {
    worker->thread = std::jthread([this, &w = *worker](const std::stop_token& s) { Work(s, w); });
  }
}

void LivePush::Stop() {
  reader_.request_stop();
  watcher_.request_stop();
  for (auto& worker : workers_) worker->thread.request_stop();
  for (auto& worker : workers_) worker->client.Cancel();
  for (auto& worker : workers_) {
    if (worker->thread.joinable()) worker->thread.join();
  }
  for (std::jthread* thread : {&reader_, &watcher_}) {
    if (thread->joinable()) thread->join();
  }
}

LiveStatus LivePush::status() const {
  std::lock_guard lock(mutex_);
  LiveStatus status = status_;
  status.orgs = queue_.orgs();
  status.dropped_frames = queue_.dropped();
  return status;
}

void LivePush::Watch(const std::stop_token& stop) {
  SnapshotPtr last;
  while (!stop.stop_requested()) {
    SnapshotPtr next = hub_.WaitNewer(last, kWatchTurn);
    CancelOverdue();
    if (!next) continue;
    last = next;
    Show(std::move(next));
  }
}

void LivePush::Show(SnapshotPtr snapshot) {
  auto view = std::make_shared<View>();
  view->rates = rates_.Observe(*snapshot);
  if (!snapshot->exporter.ledger.writer) return;
  view->snapshot = std::move(snapshot);
  const std::vector<std::string> news = TenantsWithNews(*view);
  const Time now = steady_clock::now();
  ViewPtr old = view;  // freed outside of the lock
  {
    std::lock_guard lock(mutex_);
    view_.swap(old);
    for (const std::string& tenant : news) queue_.Changed(tenant, now);
    ++news_;
  }
  changed_.notify_all();
}

// Both lists are in order of the ids. Only the watcher changes view_.
std::vector<std::string> LivePush::TenantsWithNews(const View& view) const {
  const auto top = static_cast<size_t>(config_.top_subscribers);
  const auto& tenants = view.snapshot->tenants;
  std::vector<std::string> news;
  size_t old = 0;
  for (size_t i = 0; i < tenants.size(); ++i) {
    const LiveFrame frame{tenants[i], view.rates[i], top};
    const size_t olds = view_ ? view_->snapshot->tenants.size() : 0;
    while (old < olds && view_->snapshot->tenants[old].id < tenants[i].id) ++old;
    const bool is_known = old < olds && view_->snapshot->tenants[old].id == tenants[i].id;
    if (is_known && frame == LiveFrame{view_->snapshot->tenants[old], view_->rates[old], top}) {
      continue;
    }
    news.push_back(tenants[i].id);
  }
  return news;
}

// The client's own time limits are of each part of an answer: one that trickles would have no end.
void LivePush::CancelOverdue() {
  const Time now = steady_clock::now();
  std::vector<LiveClient*> overdue;
  {
    std::lock_guard lock(mutex_);
    for (const auto& worker : workers_) {
      const bool is_busy = worker->busy_since != Time::max();
      if (is_busy && now - worker->busy_since > 2 * config_.timeout) {
        overdue.push_back(&worker->client);
      }
    }
  }
  for (LiveClient* client : overdue) client->Cancel();
}

void LivePush::KeepTokens(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    ReadTokens();
    Lock lock(mutex_);
    changed_.wait_for(lock, stop, kTokensPause, [] { return false; });
    changed_.wait_for(lock, stop, kTokensEvery - kTokensPause, [this] { return reread_; });
    reread_ = false;
  }
}

// While the database is away the orgs known so far stay.
void LivePush::ReadTokens() {
  std::string error;
  try {
    const LiveTokenMap tokens = tokens_.Read();
    std::lock_guard lock(mutex_);
    queue_.SetTokens(tokens, steady_clock::now());
    ++news_;
  } catch (const std::exception& e) {
    error = e.what();
  }
  changed_.notify_all();
  std::lock_guard lock(note_mutex_);
  note_(kTokens, error);
}

void LivePush::Work(const std::stop_token& stop, Worker& worker) {
  while (const auto job = WaitForJob(stop)) Push(*job, worker);
}

std::optional<LiveQueue::Job> LivePush::WaitForJob(const std::stop_token& stop) {
  Lock lock(mutex_);
  for (;;) {
    if (stop.stop_requested()) return std::nullopt;
    if (view_) {
      if (auto job = queue_.Take(steady_clock::now())) return job;
    }
    const Time due = queue_.NextDue().value_or(Time::max());
    // A wait until the end of time is none that libstdc++ can add up.
    const Time wake = std::min(due, steady_clock::now() + seconds(60));
    changed_.wait_until(lock, stop, wake, [this, news = news_] { return news_ != news; });
  }
}

void LivePush::Push(const LiveQueue::Job& job, Worker& worker) {
  const Time begin = steady_clock::now();
  ViewPtr view;
  {
    std::lock_guard lock(mutex_);
    view = view_;
    worker.busy_since = begin;
  }
  const std::string lines = LinesOf(*view, job.tenant);
  const PushAnswer answer = lines.empty() ? PushAnswer() : worker.client.Push(job.token, lines);
  const Time end = steady_clock::now();
  {
    std::lock_guard lock(mutex_);
    worker.busy_since = Time::max();
    ++news_;
    if (lines.empty()) return queue_.Skipped(job, end);
    queue_.Done(job, answer.kind, end);
  }
  Account(job, answer, std::chrono::duration<double>(end - begin).count());
  changed_.notify_all();
}

std::string LivePush::LinesOf(const View& view, const std::string& tenant) const {
  const Snapshot& snapshot = *view.snapshot;
  const size_t place = PlaceOf(snapshot, tenant);
  if (place == snapshot.tenants.size()) return "";
  const auto top = static_cast<size_t>(config_.top_subscribers);
  return LiveLines({snapshot.tenants[place], view.rates[place], top}, snapshot.at);
}

void LivePush::Account(const LiveQueue::Job& job, const PushAnswer& answer, double seconds) {
  const bool is_taken = answer.kind == PushAnswer::Kind::kTaken;
  {
    std::lock_guard lock(mutex_);
    status_.up = is_taken;
    status_.push_seconds += seconds;
    ++(is_taken ? status_.frames : status_.errors);
    if (is_taken) status_.last_success = Now();
    reread_ = reread_ || answer.kind == PushAnswer::Kind::kRefused;
  }
  Tell(job, answer);
}

// What one org has is not what Grafana has.
void LivePush::Tell(const LiveQueue::Job& job, const PushAnswer& answer) {
  std::lock_guard lock(note_mutex_);
  const bool is_away = answer.kind == PushAnswer::Kind::kNoAnswer;
  note_(kGrafana, is_away ? answer.error : "");
  if (is_away) return;
  const bool was_troubled = troubled_.erase(job.tenant) > 0;
  if (!answer.error.empty()) troubled_.insert(job.tenant);
  if (was_troubled || !answer.error.empty()) {
    note_(std::string(kGrafana) + " of tenant " + job.tenant, answer.error);
  }
}

}  // namespace usage::grafana
