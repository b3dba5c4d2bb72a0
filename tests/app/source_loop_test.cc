// Sources side by side: what one does to the others.
#include "app/source_loop.h"

#include <gtest/gtest.h>

#include <semaphore>

#include "app/log.h"
#include "tests/app/fake_source.h"
#include "tests/support/postgres.h"

namespace usage {
namespace {

using namespace usage::testing;
using std::chrono::milliseconds;
using std::chrono::seconds;

class SourceLoopTest : public ::testing::Test {
 protected:
  SourceLoopTest() {
    for (const char* name : {"first", "second"}) {
      SourceConfig source;
      source.name = name;
      source.interval = milliseconds(20);
      config_.sources.push_back(source);
    }
    config_.storage.database = {database_.dsn(), "", "the test's database"};
    board_ = std::make_unique<StatusBoard>(config_.sources);
    books_ = std::make_unique<Bookkeeper>(config_, clock_);
    books_->UpdateTenants({Acme()});
    board_->TenantsRead(clock_.Now());
    publisher_ =
        std::make_unique<Publisher>(clock_, *books_, *board_, alerts_, history_, program_, hub_);
    for (auto& script : scripts_) script.read = [this, &script] { return Growing(script); };
  }

  // The counter of the source's only session grows with each reading.
  SourceBatch Growing(const FakeSourceScript& script) {
    SourceBatch batch;
    batch.source = config_.sources[static_cast<size_t>(&script - scripts_)].name;
    batch.read_at = clock_.Now();
    auto bytes = static_cast<uint64_t>(script.reads);
    batch.observations = {OpenRow(batch.source, started_, batch.read_at, bytes, bytes)};
    batch.open_rows = 1;
    return batch;
  }
  void Start() {
    for (size_t i = 0; i < 2; ++i) {
      loops_.push_back(std::make_unique<SourceLoop>(config_.sources[i], i,
                                                    std::make_unique<FakeSource>(scripts_[i]),
                                                    clock_, *books_, *board_, *publisher_));
    }
  }
  SnapshotPtr WaitFor(const std::function<bool(const Snapshot&)>& condition) {
    auto end = std::chrono::steady_clock::now() + seconds(60);
    SnapshotPtr seen;
    while (std::chrono::steady_clock::now() < end) {
      seen = hub_.WaitNewer(seen, seconds(10));
      if (seen && condition(*seen)) return seen;
    }
    return nullptr;
  }

  SystemClock clock_;
  const Instant started_ = clock_.Now() - std::chrono::hours(1);
  TestDatabase database_;
  Config config_;
  ProgramStatus program_;
  SnapshotHub hub_;
  HistoryHub history_;
  AlertSettings alerts_{DefaultAlertThresholds()};
  std::unique_ptr<StatusBoard> board_;
  std::unique_ptr<Bookkeeper> books_;
  std::unique_ptr<Publisher> publisher_;
  FakeSourceScript scripts_[2];
  std::vector<std::unique_ptr<SourceLoop>> loops_;
};

TEST_F(SourceLoopTest, IsReadyAfterTheFirstExactCycleOfEverySource) {
  const auto gate = std::make_shared<std::binary_semaphore>(0);
  scripts_[1].read = [this, gate] {
    gate->acquire();
    gate->release();
    return Growing(scripts_[1]);
  };
  Start();
  auto one = WaitFor([](auto& s) { return s.sources[0].last_success.has_value(); });
  ASSERT_NE(one, nullptr);
  EXPECT_FALSE(one->ready);
  gate->release();
  EXPECT_NE(WaitFor([](auto& s) { return s.ready; }), nullptr);
}

TEST_F(SourceLoopTest, ASlowSourceDelaysNoOther) {
  const auto gate = std::make_shared<std::binary_semaphore>(0);  // the loop outlives this body
  scripts_[0].read = [this, gate] {
    gate->acquire();
    gate->release();
    return Growing(scripts_[0]);
  };
  Start();
  auto shown = WaitFor([](auto& s) { return s.sources[1].cycles >= 5; });
  EXPECT_NE(shown, nullptr);
  gate->release();
}

TEST_F(SourceLoopTest, ADeadSourceEmptiesNothingAndSaysSo) {
  Start();
  ASSERT_NE(WaitFor([](auto& s) { return s.ready; }), nullptr);
  loops_.clear();
  scripts_[0].read = []() -> SourceBatch { throw std::runtime_error("no route to host"); };
  Start();
  auto shown = WaitFor([](auto& s) { return !s.sources[0].last_error.empty(); });
  ASSERT_NE(shown, nullptr);
  EXPECT_FALSE(shown->sources[0].up);
  EXPECT_EQ(shown->sources[0].last_error, "no route to host");
  EXPECT_TRUE(shown->sources[0].last_success.has_value()) << "its age goes on being told";
  EXPECT_GT(shown->tenants.at(0).access[1]->total.upload, 0u);
  EXPECT_NE(
      WaitFor([&](auto& s) { return s.sources[1].changed_rows > shown->sources[1].changed_rows; }),
      nullptr);
}

TEST_F(SourceLoopTest, WhatCouldNotBeBookedIsRejectedAndComesAgain) {
  Start();
  ASSERT_NE(WaitFor([](auto& s) { return s.ready; }), nullptr);
  database_.TerminateBackends();
  ASSERT_NE(WaitFor([](auto& s) { return s.exporter.ledger.errors > 0; }), nullptr);
  ASSERT_NE(
      WaitFor([](auto& s) { return s.exporter.ledger.up && s.sources[0].up && s.sources[1].up; }),
      nullptr);
  loops_.clear();
  EXPECT_GE(scripts_[0].rejected + scripts_[1].rejected, 1);
  publisher_->Publish();
  EXPECT_EQ(hub_.Latest()->tenants.at(0).access[1]->total.upload,
            static_cast<uint64_t>(scripts_[0].reads + scripts_[1].reads));
}

}  // namespace
}  // namespace usage
