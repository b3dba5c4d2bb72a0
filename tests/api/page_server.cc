// Serves the landing page over handmade snapshots, for the browser tests: page_server TENANTS
// CYCLE_MILLISECONDS [PORT [plain]], plain for harmless names. Prints its URL. Commands on standard
// input, one a line: freeze (publish nothing more), thaw, break (a source fails), mend, quiet (a
// source is silent), drop (the last tenant goes), quit. Each is answered with "done".
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

#include "api/event_feed.h"
#include "api/routes.h"
#include "core/clock.h"
#include "metrics/hub.h"
#include "metrics/page.h"
#include "net/http_server.h"
#include "tests/api/sample_snapshot.h"

namespace usage::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// As much as the page's chart shows.
constexpr int kPastSeconds = 900;
constexpr int kPastStep = 5;

// The samples' time: stands at the end of the past until Begin(), then goes on as the real one.
class SampleClock : public Clock {
 public:
  Instant Now() const override {
    Duration live = begun_ ? SystemClock().Now() - begun_at_.load() : Duration(0);
    return SampleBeginning() + seconds(kPastSeconds) + live;
  }
  void Begin() {
    begun_at_ = SystemClock().Now();
    begun_ = true;
  }

 private:
  std::atomic<Instant> begun_at_{};
  std::atomic<bool> begun_ = false;
};

enum class Fault { kNone, kBroken, kQuiet };

class Publisher {
 public:
  Publisher(SnapshotHub* hub, int tenants, milliseconds cycle, SampleNames names)
      : hub_(hub), tenants_(tenants), cycle_(cycle), names_(names) {}

  // The past, slowly enough for the feed to see each of it.
  void TellPast() {
    for (int t = 0; t < kPastSeconds; t += kPastStep) {
      Publish(t);
      std::this_thread::sleep_for(milliseconds(8));
    }
  }

  void Run(const std::stop_token& stop, const Clock& clock) {
    while (!stop.stop_requested()) {
      if (!frozen) PublishAt(clock.Now());
      std::this_thread::sleep_for(cycle_);
    }
  }

  std::atomic<bool> frozen = false;
  std::atomic<Fault> fault = Fault::kNone;
  std::atomic<int> dropped = 0;

 private:
  void Publish(int64_t t) { PublishAt(SampleBeginning() + seconds(t)); }

  void PublishAt(Instant now) {
    auto snapshot =
        SampleSnapshot(tenants_ - dropped, (now - SampleBeginning()) / seconds(1), names_);
    Duration late = now - snapshot.at;
    snapshot.at = now;
    for (SourceStatus& source : snapshot.sources) {
      source.interval = cycle_;
      source.last_success = *source.last_success + late;
    }
    Damage(&snapshot);
    hub_->Publish(std::make_shared<const Snapshot>(std::move(snapshot)));
  }

  void Damage(Snapshot* snapshot) {
    SourceStatus& source = snapshot->sources.back();
    if (fault == Fault::kNone) last_good_ = *source.last_success;
    source.last_success = last_good_;
    if (fault != Fault::kBroken) return;
    source.up = false;
    source.errors = 7;
    source.last_error =
        "radius: connection to 10.0.0.7:5432 refused <b>(is the server running?)</b>; start it, or "
        "correct sources[1].dsn";
    source.last_error_at = snapshot->at;
    source.unattributed_sessions = 12;
    source.unattributed = {1'200'000'000, 8'100'000'000};
    source.advice = {
        "radacct has no index for sessions that ended lately: each reading scans the table. "
        "CREATE INDEX CONCURRENTLY radacct_stop_idx ON radacct (acctstoptime) WHERE acctstoptime "
        "IS NOT NULL;"};
  }

  SnapshotHub* hub_;  // not owned
  const int tenants_;
  const milliseconds cycle_;
  const SampleNames names_;
  Instant last_good_;
};

// False: the command is to end.
bool Obey(const std::string& command, Publisher* publisher) {
  if (command == "freeze" || command == "thaw") publisher->frozen = command == "freeze";
  if (command == "break") publisher->fault = Fault::kBroken;
  if (command == "quiet") publisher->fault = Fault::kQuiet;
  if (command == "mend") publisher->fault = Fault::kNone;
  if (command == "drop") ++publisher->dropped;
  return command != "quit";
}

int Main(int tenants, milliseconds cycle, const std::string& port, SampleNames names) {
  SnapshotHub hub;
  PageCache pages(hub);
  HistoryHub history_hub;
  HistoryPages history(history_hub);
  SampleClock clock;
  EventFeed events(hub, clock);
  Publisher publisher(&hub, tenants, cycle, names);
  publisher.TellPast();
  clock.Begin();
  std::jthread thread([&](const std::stop_token& stop) { publisher.Run(stop, clock); });
  HttpServer::Options options;
  options.listen_address = "127.0.0.1:" + port;
  HttpServer server(options);
  AddRoutes(server, {hub, pages, history, events, [] { return std::string(); }});
  server.Start();
  std::cout << server.url() << std::endl;
  std::string command;
  while (std::getline(std::cin, command) && Obey(command, &publisher))
    std::cout << "done" << std::endl;
  server.Stop();
  return 0;
}

}  // namespace
}  // namespace usage::testing

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: page_server TENANTS CYCLE_MILLISECONDS [PORT [plain]]\n";
    return 2;
  }
  using usage::testing::SampleNames;
  return usage::testing::Main(std::atoi(argv[1]), std::chrono::milliseconds(std::atoi(argv[2])),
                              argc > 3 ? argv[3] : "0",
                              argc > 4 ? SampleNames::kPlain : SampleNames::kNasty);
}
