// Routers side by side, on threads: what one does to the others, and who comes and goes.
#include "app/router_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>

#include "app/log.h"
#include "app/router_fleet.h"

namespace usage {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;

// What the fake routers do, by name. Thread-safe.
class FakeRouters {
 public:
  using Script = std::function<RouterReading(const RouterConfig&, PollDepth)>;

  RouterSourceMaker Maker() {
    return [this](const RouterConfig& config) -> std::unique_ptr<RouterSource> {
      ++made_;
      return std::make_unique<Source>(*this, config);
    };
  }
  void Set(const std::string& name, Script script) {
    std::lock_guard lock(mutex_);
    scripts_[name] = std::move(script);
  }
  int made() const { return made_; }
  bool overlapped() const { return overlapped_; }

 private:
  class Source : public RouterSource {
   public:
    Source(FakeRouters& routers, const RouterConfig& config) : routers_(routers), config_(config) {}
    RouterReading Poll(PollDepth depth) override { return routers_.Poll(config_, depth); }

   private:
    FakeRouters& routers_;
    const RouterConfig config_;
  };

  RouterReading Poll(const RouterConfig& config, PollDepth depth) {
    Script script;
    {
      std::lock_guard lock(mutex_);
      if (!polled_.insert(config.name).second) overlapped_ = true;
      script = scripts_[config.name];
    }
    const auto forget = [&](void*) {
      std::lock_guard lock(mutex_);
      polled_.erase(config.name);
    };
    const std::unique_ptr<void, decltype(forget)> guard(this, forget);
    return script ? script(config, depth) : RouterReading{};
  }

  std::mutex mutex_;  // guards scripts_ and polled_
  std::map<std::string, Script> scripts_;
  std::set<std::string> polled_;
  std::atomic<int> made_{0};
  std::atomic<bool> overlapped_{false};
};

class FakeSink : public RouterSink {
 public:
  void SetRouters(const std::vector<RouterId>& routers) override {
    std::lock_guard lock(mutex_);
    routers_ = routers;
  }
  void TakeReading(const std::string& router, const std::string& tenant,
                   const RouterReading&) override {
    std::lock_guard lock(mutex_);
    ++taken_[router + "@" + tenant];
  }
  int taken(const std::string& router) {
    std::lock_guard lock(mutex_);
    return taken_[router];
  }
  std::vector<RouterId> routers() {
    std::lock_guard lock(mutex_);
    return routers_;
  }

 private:
  std::mutex mutex_;
  std::vector<RouterId> routers_;
  std::map<std::string, int> taken_;
};

RouterConfig Router(const std::string& name, const std::string& tenant = "acme") {
  RouterConfig router;
  router.name = name;
  router.tenant = tenant;
  router.host = name;
  return router;
}

void Await(const char* what, const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + seconds(60);
  while (!condition()) {
    ASSERT_LT(std::chrono::steady_clock::now(), end) << what;
    std::this_thread::sleep_for(milliseconds(2));
  }
}

class RouterPoolTest : public ::testing::Test {
 protected:
  // On this thread, as the programs do it: the library's own start is not for several at once.
  static void SetUpTestSuite() {
    [[maybe_unused]] static const bool is_set_up = (SetUpLog("error", "logfmt"), true);
  }

  RouterPoolTest() {
    config_.interval = milliseconds(20);
    config_.details = milliseconds(60);
    config_.concurrency = 4;
  }

  RouterStatus StatusOf(const RouterPool& pool, const std::string& name) {
    for (const RouterStatus& status : pool.statuses()) {
      if (status.name == name) return status;
    }
    return {};
  }

  RoutersConfig config_;
  FakeRouters fakes_;
  FakeSink sink_;
};

TEST_F(RouterPoolTest, EachRouterIsPolledOnOneConnectionAndHandedOn) {
  RouterPool pool(config_, fakes_.Maker(), sink_);
  pool.Update({Router("a"), Router("b", "")});
  EXPECT_THAT(sink_.routers(), ElementsAre(RouterId{"a", "acme"}, RouterId{"b", ""}));
  Await("both", [&] { return sink_.taken("a@acme") >= 5 && sink_.taken("b@") >= 5; });
  EXPECT_EQ(fakes_.made(), 2);
  EXPECT_TRUE(StatusOf(pool, "a").up);
  EXPECT_GE(pool.ended(), 10u);
}

TEST_F(RouterPoolTest, RoutersThatHangCostNobodyElseAnything) {
  auto gate = std::make_shared<std::counting_semaphore<>>(0);
  std::vector<RouterConfig> routers;
  for (int i = 0; i < 3; ++i) {
    routers.push_back(Router("hangs-" + std::to_string(i)));
    fakes_.Set(routers.back().name, [gate](auto&, auto) -> RouterReading {
      gate->acquire();
      throw std::runtime_error("router: no answer");
    });
  }
  for (int i = 0; i < 10; ++i) routers.push_back(Router("well-" + std::to_string(i)));
  RouterPool pool(config_, fakes_.Maker(), sink_);
  pool.Update(routers);
  Await("those that are well go on", [&] {
    for (int i = 0; i < 10; ++i) {
      if (sink_.taken("well-" + std::to_string(i) + "@acme") < 10) return false;
    }
    return true;
  });
  gate->release(1000);
  Await("those that failed rest", [&] { return StatusOf(pool, "hangs-0").is_resting; });
  const RouterStatus status = StatusOf(pool, "hangs-0");
  EXPECT_FALSE(status.up);
  EXPECT_EQ(status.last_error, "router: no answer");
  EXPECT_GE(status.errors, 3u);
  pool.Stop();
  EXPECT_FALSE(fakes_.overlapped());
}

TEST_F(RouterPoolTest, ARouterThatComesBackIsUpAgain) {
  std::atomic<bool> is_dead = true;
  fakes_.Set("a", [&](auto&, auto) {
    if (is_dead) throw std::runtime_error("gone");
    return RouterReading{};
  });
  RouterPool pool(config_, fakes_.Maker(), sink_);
  pool.Update({Router("a")});
  Await("it rests", [&] { return StatusOf(pool, "a").is_resting; });
  is_dead = false;
  Await("it is back", [&] { return StatusOf(pool, "a").up; });
  EXPECT_FALSE(StatusOf(pool, "a").is_resting);
  EXPECT_EQ(StatusOf(pool, "a").last_error, "");
}

TEST_F(RouterPoolTest, DetailsStayUntilTheyAreOld) {
  std::atomic<bool> is_dead = false;
  fakes_.Set("a", [&](auto&, PollDepth depth) {
    if (is_dead) throw std::runtime_error("gone");
    RouterReading reading;
    if (depth == PollDepth::kAll) reading.facts.identity = "harbour";
    if (depth == PollDepth::kAll) reading.interfaces = {{"ether1", true, 1, 2, {}, {}, {}, {}, {}}};
    return reading;
  });
  RouterPool pool(config_, fakes_.Maker(), sink_);
  pool.Update({Router("a")});
  Await("details", [&] { return StatusOf(pool, "a").polls > 10; });
  is_dead = true;
  Await("they go", [&] { return StatusOf(pool, "a").interfaces.empty(); });
  EXPECT_EQ(StatusOf(pool, "a").facts, RouterFacts());
  EXPECT_TRUE(StatusOf(pool, "a").last_success) << "its age goes on being told";
}

TEST_F(RouterPoolTest, RoutersComeGoAndChangeWhileTheyArePolled) {
  RouterPool pool(config_, fakes_.Maker(), sink_);
  pool.Update({Router("a"), Router("b")});
  Await("both", [&] { return sink_.taken("a@acme") >= 2 && sink_.taken("b@acme") >= 2; });
  pool.Update({Router("b", "other"), Router("c")});
  EXPECT_EQ(StatusOf(pool, "a").name, "");
  EXPECT_EQ(StatusOf(pool, "b").tenant, "other");
  Await("the change", [&] { return sink_.taken("b@other") >= 2 && sink_.taken("c@acme") >= 2; });
  EXPECT_GT(StatusOf(pool, "b").polls, 3u) << "it is the same router, its counters go on";
  EXPECT_EQ(fakes_.made(), 4);
  pool.Stop();
  const int taken = sink_.taken("a@acme");
  EXPECT_LE(taken, 4);
}

TEST_F(RouterPoolTest, ARouterWhoseRowWasCorrectedRestsNoLonger) {
  fakes_.Set("a", [](const RouterConfig& config, auto) {
    if (config.host != "right") throw std::runtime_error("no route to host");
    return RouterReading{};
  });
  RouterPool pool(config_, fakes_.Maker(), sink_);
  pool.Update({Router("a")});
  Await("long rests", [&] { return StatusOf(pool, "a").errors >= 7; });
  RouterConfig corrected = Router("a");
  corrected.host = "right";
  pool.Update({corrected});
  EXPECT_FALSE(StatusOf(pool, "a").is_resting);
  Await("it is up", [&] { return StatusOf(pool, "a").up; });
}

TEST_F(RouterPoolTest, AConnectionThatCantBeMadeIsTheRoutersFault) {
  RouterPool pool(
      config_,
      [](const RouterConfig&) -> std::unique_ptr<RouterSource> {
        throw std::runtime_error("the CA file is no PEM");
      },
      sink_);
  pool.Update({Router("a")});
  Await("its error", [&] { return StatusOf(pool, "a").last_error == "the CA file is no PEM"; });
}

// --- The list.

class FakeList : public RouterListSource {
 public:
  using Script = std::function<RouterList()>;
  explicit FakeList(Script& script) : script_(script) {}
  RouterList Read() override { return script_(); }

 private:
  Script& script_;
};

class RouterFleetTest : public RouterPoolTest {
 protected:
  RouterFleetTest() { config_.refresh = milliseconds(20); }

  Snapshot Described(const RouterFleet& fleet) {
    Snapshot snapshot;
    fleet.Describe(&snapshot);
    return snapshot;
  }

  std::vector<std::string> NamesOf(const RouterFleet& fleet) {
    std::vector<std::string> names;
    for (const RouterStatus& status : Described(fleet).routers) names.push_back(status.name);
    return names;
  }

  SystemClock clock_;
  std::atomic<int> stage_{0};
  FakeList::Script script_;
};

TEST_F(RouterFleetTest, AListThatFailsLeavesAllAsTheyWereAndABadRowThatRouter) {
  script_ = [this]() -> RouterList {
    switch (stage_) {
      case 0:
        return {{Router("a"), Router("b")}, {}, {}};
      case 1:
        throw std::runtime_error("the database is away");
      case 2:
        return {{Router("c")}, {{"b", "the router b: its address is a URL"}, {"d", "bad"}}, {}};
      default:
        return {};
    }
  };
  RouterFleet fleet(config_, std::make_unique<FakeList>(script_), fakes_.Maker(), sink_, clock_);
  fleet.Start();
  Await("the first list", [&] { return NamesOf(fleet).size() == 2; });
  EXPECT_TRUE(Described(fleet).router_list->up);
  stage_ = 1;
  Await("the fault", [&] { return !Described(fleet).router_list->up; });
  EXPECT_EQ(Described(fleet).router_list->error, "the database is away");
  EXPECT_THAT(NamesOf(fleet), ElementsAre("a", "b"));
  stage_ = 2;
  Await("the second list", [&] { return NamesOf(fleet) == std::vector<std::string>{"b", "c"}; });
  Await("its faults", [&] { return Described(fleet).router_list->bad_rows == 2; });
  Await("b as it was", [&] { return sink_.taken("b@acme") >= 2; });
  stage_ = 3;
  Await("nobody", [&] { return NamesOf(fleet).empty(); });
  fleet.Stop();
}

TEST_F(RouterFleetTest, HasNewsWhenAPollHasEnded) {
  script_ = [] { return RouterList{{Router("a")}, {}, {}}; };
  RouterFleet fleet(config_, std::make_unique<FakeList>(script_), fakes_.Maker(), sink_, clock_);
  EXPECT_FALSE(fleet.HasNews());
  fleet.Start();
  Await("news", [&] { return fleet.HasNews(); });
  fleet.Stop();
  fleet.HasNews();
  EXPECT_FALSE(fleet.HasNews());
}

}  // namespace
}  // namespace usage
