// Random lives of sessions, polls, interims, late Stops and outages, against a truth that knows
// every byte: what the live view may be wrong by, and that it never falls.
#include <gtest/gtest.h>

#include <random>

#include "tests/ledger/live_house.h"

namespace usage {
namespace {

using namespace usage::testing;
using std::chrono::minutes;
using std::chrono::seconds;

// Whole bytes a second, another rate every ten seconds.
struct TrueSession {
  std::string name;
  Instant began;
  std::optional<Instant> ended;
  uint64_t seed = 0;
  bool is_known = false;  // to accounting
  bool is_stopped = false;

  uint64_t RateAt(int64_t second) const {
    return (seed * 2654435761u + static_cast<uint64_t>(second / 10) * 40503u) % 50'000;
  }
  Volume UsedBy(Instant t) const {
    if (ended) t = std::min(t, *ended);
    Volume used;
    for (int64_t s = 0; s < (t - began) / seconds(1); ++s) used += {RateAt(s) / 10, RateAt(s)};
    return used;
  }
  bool IsOn(Instant t) const { return began <= t && !(ended && *ended <= t); }
};

constexpr uint64_t kFastest = 50'000;  // download, of one session

// Lives for one run. Every session ends with a Stop in the end.
class Life {
 public:
  explicit Life(uint64_t seed) : random_(seed) {}

  void Go() {
    for (int i = 0; i < 3; ++i) Begin();  // before the exporter's first reading
    now_ += minutes(2);
    for (TrueSession& session : sessions_) Interim(session);
    Poll();
    first_ = now_;
    for (int step = 0; step < 400; ++step) Step();
    for (TrueSession& session : sessions_) Stop(session);
    Poll();
    now_ += minutes(40);
    Poll();
    CheckEnd();
  }

 private:
  uint64_t Below(uint64_t n) { return random_() % n; }
  TrueSession& Any() { return sessions_[Below(sessions_.size())]; }

  void Step() {
    now_ += seconds(1 + Below(5));
    if (now_ >= router_is_back_) Poll();
    switch (Below(12)) {
      case 0:
        return Begin();
      case 1:
        return End(Any());
      case 2:
        return Stop(Any());
      case 3:
        if (Below(10) == 0) router_is_back_ = now_ + seconds(Below(90));
        return;
      default:
        return Interim(Any());
    }
  }

  void Begin() {
    TrueSession session;
    session.name = "s" + std::to_string(sessions_.size());
    session.began = now_;
    session.seed = random_();
    sessions_.push_back(session);
  }

  void End(TrueSession& session) {
    if (!session.ended && session.began < now_) session.ended = now_;
  }

  // The Start may be late too: then the first interim brings it.
  void Interim(TrueSession& session) {
    if (session.is_stopped) return;
    if (!session.is_known) {
      session.is_known = true;
      return house_.Open(session.name, now_, session.began), Check();
    }
    const Instant stamp = now_ - seconds(Below(8));
    if (stamp < session.began) return;
    house_.Say(session.name, now_, session.UsedBy(stamp),
               session.ended ? std::min(stamp, *session.ended) : stamp);
    Check();
  }

  void Stop(TrueSession& session) {
    if (session.is_stopped) return;
    if (!session.is_known) Interim(session);
    if (session.began == now_) now_ += seconds(1);
    End(session);
    session.is_stopped = true;
    house_.Stop(session.name, now_, session.UsedBy(now_), *session.ended);
    Check();
  }

  void Poll() {
    RouterReading reading;
    reading.at = now_;
    for (const TrueSession& session : sessions_) {
      if (session.IsOn(now_)) reading.rows.push_back(RowOf(session));
    }
    house_.Take("r1", reading);
    longest_gap_ = std::max(longest_gap_, now_ - polled_.value_or(now_));
    polled_ = now_;
    Check();
  }

  RouterRow RowOf(const TrueSession& session) const {
    RouterRow row;
    row.table = RouterTable::kPppoeInterface;
    row.access = Access::kPppoe;
    row.user = session.name;
    row.uptime = now_ - session.began;
    row.upload = session.UsedBy(now_).upload;
    row.download = session.UsedBy(now_).download;
    return row;
  }

  // Of what flowed since the first reading the live counter may have what flows in one gap between
  // readings too much, of each session; no more, however long it runs.
  void Check() {
    const LiveFigures& live = house_.Live(now_);
    ASSERT_GE(live.total.upload, last_.upload);
    ASSERT_GE(live.total.download, last_.download);
    last_ = live.total;
    if (!polled_ || !first_) return;
    uint64_t most = 0;
    for (const TrueSession& session : sessions_) {
      most += session.UsedBy(now_).download - session.UsedBy(*first_).download;
    }
    ASSERT_LE(live.total.download, most + Slack());
    ASSERT_LE(live.held.download, Slack());
  }

  uint64_t Slack() const {
    const auto gap = static_cast<uint64_t>(longest_gap_ / seconds(1)) + 10;
    return sessions_.size() * gap * kFastest;
  }

  void CheckEnd() {
    Volume truth, since;
    for (const TrueSession& session : sessions_) {
      truth += session.UsedBy(now_);
      since += session.UsedBy(now_) - session.UsedBy(*first_);
    }
    EXPECT_EQ(house_.Booked(), truth);
    const LiveFigures& live = house_.Live(now_);
    EXPECT_EQ(live.carry, Volume{});
    EXPECT_EQ(live.sessions, 0u);
    // What of the first sessions flowed before the first reading is estimated once.
    EXPECT_LE(live.total.download, since.download + Slack());
    EXPECT_GE(live.total.download + 3 * 120 * kFastest, since.download);
  }

  std::mt19937_64 random_;
  LiveHouse house_;
  Instant now_ = Noon();
  std::optional<Instant> first_, polled_;
  Duration longest_gap_{0};
  Instant router_is_back_ = Noon();
  std::vector<TrueSession> sessions_;
  Volume last_;
};

TEST(LiveOracleTest, TheLiveCounterNeverFallsAndIsNeverFarFromTheTruth) {
  for (uint64_t seed = 1; seed <= 40 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Life(seed).Go();
  }
}

}  // namespace
}  // namespace usage
