// Random lives of sessions against an oracle that knows the true byte curve.
#include <gtest/gtest.h>

#include <random>

#include "tests/ledger/books.h"

namespace usage {
namespace {

using namespace usage::testing;
using std::chrono::minutes;
using std::chrono::seconds;

// The truth about one session: an even rate of whole bytes a second from its start on, so that
// what flowed until any second is known without asking the ledger.
struct TrueSession {
  std::string key, tenant;
  Instant started;
  uint64_t up_rate, down_rate;
  Instant reported;  // the last report that reached the database

  Volume UsedBy(Instant t) const {
    if (t <= started) return {};
    auto elapsed = static_cast<uint64_t>((t - started) / seconds(1));
    return {up_rate * elapsed, down_rate * elapsed};
  }
};

class Oracle {
 public:
  explicit Oracle(uint64_t seed) : random_(seed), now_(T(10, 20, 0)), books_(now_) {
    const char* zones[] = {"UTC",
                           "Europe/Berlin",
                           "Asia/Kathmandu",
                           "Pacific/Kiritimati",
                           "Pacific/Pago_Pago",
                           "America/New_York"};
    for (const char* zone : zones) {
      zones_[zone] = Zone::Find(zone);
      if (Below(4) > 0) books_.Tenant(zone, zone, 1 + Below(31));  // else it becomes known later
    }
  }

  void Run(int steps) {
    for (int i = 0; i < steps; ++i) {
      now_ += seconds(1 + Below(2400));
      Step();
    }
    for (const auto& [id, zone] : zones_) books_.Tenant(id, id, 1);
  }

  void Check() {
    EXPECT_EQ(books_.Violations(), 0);
    for (const auto& [id, zone] : zones_) EXPECT_EQ(books_.Days(id), TrueDays(id, *zone)) << id;
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }

  void Step() {
    if (sessions_.size() < 5 || Below(8) == 0) return Start();
    TrueSession& session =
        sessions_[static_cast<size_t>(Below(static_cast<int>(sessions_.size())))];
    switch (Below(9)) {
      case 0:
        return Stop(session, now_);
      case 1:
        return Stop(session, session.reported + (now_ - session.reported) / 2);
      case 2:
        return ZeroedStop(session);
      case 3:
        return Zero(session);
      case 4:
        return Older(session);
      case 5:
        return Reuse(session);
      case 6:
        return Purge(session);
      default:
        return Interim(session);
    }
  }

  void Start() {
    auto zone = std::next(zones_.begin(), Below(static_cast<int>(zones_.size())));
    TrueSession session{
        "s" + std::to_string(++count_),     zone->first, now_, static_cast<uint64_t>(Below(1000)),
        static_cast<uint64_t>(Below(9000)), now_};
    books_.Open(session.key, session.tenant, now_);
    sessions_.push_back(session);
  }
  void Interim(TrueSession& session) {
    session.reported = now_;
    Volume v = session.UsedBy(now_);
    books_.Interim(session.key, now_, v.upload, v.download);
  }
  void Stop(TrueSession& session, Instant at) {
    at = Instant(std::chrono::floor<seconds>(at.time_since_epoch()));
    session.reported = std::max(session.reported, at);
    Volume v = session.UsedBy(session.reported);
    books_.StopAt(session.key, now_, v.upload, v.download, session.reported);
    End(session);
  }
  void ZeroedStop(TrueSession& session) {
    books_.StopAt(session.key, now_, 0, 0, now_);
    End(session);
  }
  void Zero(TrueSession& session) { books_.Interim(session.key, now_, 0, 0); }
  void Older(TrueSession& session) {
    // A state of the past, with its own time; a later report must still be counted from the newest.
    if (session.reported - session.started < minutes(2)) return;
    Instant old = session.started + minutes(1);
    Volume v = session.UsedBy(old);
    books_.Row(session.key).stamp = old;
    books_.Row(session.key).upload = v.upload;
    books_.Row(session.key).download = v.download;
    if (!v.empty()) books_.See(session.key, now_);
  }
  void Reuse(TrueSession& session) {
    Stop(session, now_);
    TrueSession& again = ended_.back();
    now_ += seconds(1 + Below(100));
    TrueSession next = again;
    next.started = next.reported = now_;
    books_.Open(next.key, next.tenant, now_);
    sessions_.push_back(next);
  }
  void Purge(TrueSession& session) {
    books_.Purge(session.key);
    End(session);
  }
  void End(TrueSession& session) {
    ended_.push_back(session);
    std::swap(session, sessions_.back());
    sessions_.pop_back();
  }

  // Second by second would be slow: from midnight to midnight.
  void AddTruth(const TrueSession& session, const Zone& zone, std::map<Day, Volume>* days) const {
    for (Day day = zone.At(session.started); zone.Start(day) < session.reported; day = day + 1) {
      Instant from = std::max(session.started, zone.Start(day));
      Instant to = std::min(session.reported, zone.Start(day + 1));
      Volume part = session.UsedBy(to) - session.UsedBy(from);
      if (!part.empty()) (*days)[day] += part;
    }
  }
  std::string TrueDays(const std::string& tenant, const Zone& zone) const {
    std::map<Day, Volume> days;
    for (const auto* all : {&sessions_, &ended_}) {
      for (const TrueSession& session : *all) {
        if (session.tenant == tenant) AddTruth(session, zone, &days);
      }
    }
    return Books::DaysText(days);
  }

  std::mt19937_64 random_;
  Instant now_;
  Books books_;
  std::map<std::string, const Zone*> zones_;
  std::vector<TrueSession> sessions_, ended_;
  int count_ = 0;
};

class OracleTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(OracleTest, EveryDayOfEveryTenantIsTheTruth) {
  Oracle oracle(GetParam());
  oracle.Run(3000);
  oracle.Check();
}

INSTANTIATE_TEST_SUITE_P(Seeds, OracleTest, ::testing::Range<uint64_t>(1, 25));

}  // namespace
}  // namespace usage
