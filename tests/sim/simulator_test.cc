// Whole runs, into a real PostgreSQL and a real FreeRADIUS.
#include "sim/simulator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "sim/pace.h"
#include "sim/truth.h"
#include "tests/support/freeradius.h"
#include "tests/support/postgres.h"
#include "tests/support/temp_folder.h"

namespace usage::sim {
namespace {

using ::testing::HasSubstr;
using usage::testing::FreeRadius;
using usage::testing::TempFolder;
using usage::testing::TestDatabase;

Volume SumOf(const Truth& truth) {
  Volume sum;
  for (const auto& [key, days] : truth.bytes) {
    for (const auto& [day, volume] : days) sum += volume;
  }
  return sum;
}

class SimulatorTest : public ::testing::Test {
 protected:
  SimulatorTest() {
    options_.population.tenants = 5;
    options_.population.subscribers = 200;
    options_.population.sessions = 100;
    options_.database = database_.dsn();
    options_.create_tables = true;
    options_.truth = folder_ / "truth";
    options_.speed = 1000;
    options_.since = Second(seconds(1'780'000'000));
    options_.duration = seconds(1800);
    options_.faults = FaultRates::None();
    options_.visible_for = seconds(1);
    options_.purge_after = seconds(1);
  }

  void AddRadius() {
    database_.ExecFile(usage::testing::FreeradiusSchemaPath());
    radius_ = std::make_unique<FreeRadius>(database_.dsn());
    options_.population.radius = true;
    options_.radius = radius_->address();
    options_.secret = radius_->secret();
  }
  Truth RunAll() {
    EXPECT_TRUE(RunSimulator(
        options_, [] { return false; }, progress_))
        << progress_.str();
    Truth truth = ReadTruth(options_.truth);
    EXPECT_TRUE(truth.settled);
    return truth;
  }
  Volume Sum(const std::string& table, const std::string& upload, const std::string& download) {
    auto row = database_.Query("SELECT coalesce(sum(" + upload + "), 0), coalesce(sum(" + download +
                               "), 0) FROM " + table)[0];
    return {std::stoull(row[0]), std::stoull(row[1])};
  }
  Volume SumOfRows() {
    Volume sum = Sum("user_sessions", "data_upload", "data_download");
    if (radius_) sum += Sum("radacct", "acctinputoctets", "acctoutputoctets");
    return sum;
  }
  std::string Value(const std::string& sql) { return database_.Value(sql); }

  TempFolder folder_;
  TestDatabase database_;
  std::unique_ptr<FreeRadius> radius_;
  RunOptions options_;
  std::ostringstream progress_;
};

TEST_F(SimulatorTest, WithoutFaultsTheRowsAreTheTruth) {
  AddRadius();
  Truth truth = RunAll();
  EXPECT_EQ(SumOf(truth), SumOfRows());
  EXPECT_EQ(truth.at, Second(seconds(1'780'001'800)));
  EXPECT_GT(SumOf(truth).upload, 0U);
  EXPECT_NE(Value("SELECT count(*) FROM radacct WHERE acctstoptime IS NOT NULL"), "0");
  EXPECT_NE(Value("SELECT count(*) FROM user_sessions WHERE status <> 'active'"), "0");
  for (const auto& [id, tenant] : truth.tenants) {
    Volume sum;
    for (const auto& [key, days] : truth.bytes) {
      if (key.tenant != id) continue;
      for (const auto& [day, volume] : days) sum += volume;
    }
    Volume rows =
        Sum("user_sessions WHERE tenant_id = '" + id + "'", "data_upload", "data_download") +
        Sum("radacct WHERE realm = '" + id + "'", "acctinputoctets", "acctoutputoctets");
    EXPECT_EQ(rows, sum) << tenant.name;
  }
}

TEST_F(SimulatorTest, TheSameSeedGivesTheSameTruthAndRows) {
  const std::string rows = "SELECT md5(string_agg(s::text, '' ORDER BY id)) FROM user_sessions s";
  options_.faults.late_stop = options_.faults.lost_stop = options_.faults.lost_start = 0.2;
  Truth first = RunAll();
  std::string first_rows = Value(rows);
  database_.Exec("TRUNCATE user_sessions");
  std::filesystem::remove(options_.truth);
  EXPECT_EQ(RunAll(), first);
  EXPECT_EQ(Value(rows), first_rows);
  database_.Exec("TRUNCATE user_sessions");
  std::filesystem::remove(options_.truth);
  options_.population.seed = 2;
  EXPECT_NE(SumOf(RunAll()), SumOf(first));
}

TEST_F(SimulatorTest, NoStampIsAheadOfTheClock) {
  options_.since.reset();
  options_.speed = 1;
  options_.duration = seconds(6);
  RunAll();
  EXPECT_EQ(Value("SELECT bool_and(greatest(start_time, created_at, updated_at) <="
                  " now() AT TIME ZONE 'UTC') FROM user_sessions"),
            "t");
}

TEST_F(SimulatorTest, FaultsShowInTheTables) {
  AddRadius();
  options_.duration = seconds(2 * 3600);
  options_.faults.lost_stop = options_.faults.zeroed_stop = options_.faults.late_stop = 0.2;
  options_.faults.purge = 0.3;
  options_.faults.reused_id = 0.5;
  options_.faults.nas_reboot = 40;
  Truth truth = RunAll();
  EXPECT_NE(Value("SELECT count(*) FROM radacct WHERE acctterminatecause = 'NAS-Reboot'"), "0");
  EXPECT_NE(Value("SELECT count(*) FROM radacct WHERE acctstoptime IS NOT NULL AND"
                  " acctsessiontime > 900 AND acctinputoctets + acctoutputoctets = 0"),
            "0");
  EXPECT_NE(Value("SELECT count(*) FROM radacct WHERE acctstoptime IS NULL AND acctupdatetime <"
                  " to_timestamp(1780000000 + 5400)"),
            "0");
  EXPECT_NE(Value("SELECT count(*) FROM user_sessions WHERE status = 'terminated'"), "0");
  EXPECT_NE(Value("SELECT count(*) FROM user_sessions WHERE status <> 'active' AND data_used = 0"),
            "0");
  EXPECT_NE(Value("SELECT count(*) FROM user_sessions WHERE status = 'active' AND updated_at <"
                  " to_timestamp(1780000000 + 5400) AT TIME ZONE 'UTC'"),
            "0");
  // What was zeroed and purged is in the truth and no longer in the rows.
  EXPECT_GT(SumOf(truth).sum(), SumOfRows().sum());
}

TEST_F(SimulatorTest, StoppedItDeliversAndSettles) {
  AddRadius();
  options_.duration.reset();
  std::atomic<bool> stopped = false;
  std::thread timer([&] {
    std::this_thread::sleep_for(std::chrono::seconds(2));
    stopped = true;
  });
  EXPECT_TRUE(RunSimulator(
      options_, [&] { return stopped.load(); }, progress_));
  timer.join();
  Truth truth = ReadTruth(options_.truth);
  EXPECT_TRUE(truth.settled);
  EXPECT_EQ(SumOf(truth), SumOfRows());
}

TEST_F(SimulatorTest, HeldItSettlesStandsStillAndGoesOn) {
  AddRadius();
  options_.duration.reset();
  std::atomic<bool> stopped = false;
  std::thread simulator([&] {
    EXPECT_TRUE(RunSimulator(
        options_, [&] { return stopped.load(); }, progress_));
  });
  auto wait_for = [&](bool settled, Second after) {
    for (int i = 0; i < 12'000; ++i, std::this_thread::sleep_for(std::chrono::milliseconds(10))) {
      if (!std::filesystem::exists(options_.truth)) continue;
      Truth truth = ReadTruth(options_.truth);
      if (truth.settled == settled && truth.at > after) return truth;
    }
    ADD_FAILURE() << "settled did not become " << settled;
    return Truth();
  };
  const std::string hold = options_.truth + ".hold";
  wait_for(false, *options_.since + seconds(600));
  std::ofstream{hold};
  Truth held = wait_for(true, {});
  EXPECT_EQ(SumOf(held), SumOfRows());
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(SumOf(held), SumOfRows());
  EXPECT_EQ(ReadTruth(options_.truth), held);
  std::filesystem::remove(hold);
  wait_for(false, held.at + seconds(600));
  EXPECT_GT(SumOfRows().sum(), SumOf(held).sum());
  stopped = true;
  simulator.join();
}

TEST_F(SimulatorTest, ASecondRunGoesOnWithTheTruthOfTheFirst) {
  AddRadius();
  Truth first = RunAll();
  options_.since = *options_.since - seconds(1000);
  Truth second = RunAll();
  EXPECT_EQ(second.runs, 2);
  EXPECT_EQ(second.at, first.at + seconds(1800));
  EXPECT_EQ(SumOf(second), SumOfRows());
  EXPECT_GT(SumOf(second).sum(), SumOf(first).sum());
  // What the first left open has ended, as after a power cut.
  EXPECT_EQ(Value("SELECT count(*) FROM user_sessions WHERE status = 'active' AND start_time <="
                  " to_timestamp(1780001800) AT TIME ZONE 'UTC'"),
            "0");
  EXPECT_EQ(Value("SELECT count(*) FROM radacct WHERE acctstoptime IS NULL AND acctstarttime <="
                  " to_timestamp(1780001800)"),
            "0");
}

TEST_F(SimulatorTest, ATruthOfAnotherSeedIsRefused) {
  options_.duration = seconds(60);
  RunAll();
  options_.population.seed = 99;
  try {
    RunAll();
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("truth: is of --seed 1; take that one, or remove the file"));
  }
}

TEST_F(SimulatorTest, TenantsWithoutAZoneColumnLiveInUtc) {
  database_.ExecFile(usage::testing::PanelSchemaPath());
  options_.create_tables = false;
  options_.duration = seconds(60);
  for (const auto& [id, tenant] : RunAll().tenants) {
    EXPECT_EQ(tenant.zone, "UTC");
    EXPECT_EQ(tenant.billing_day, 1);
  }
}

TEST_F(SimulatorTest, ProgressIsOneJsonObjectALine) {
  options_.json = true;
  RunAll();
  EXPECT_THAT(progress_.str(), ::testing::MatchesRegex(R"((\{"virtual_time":[0-9]+,.*\}
)+)"));
}

TEST(Pace, RunsFastUntilNowAndThenWithIt) {
  auto zero = Pace::Steady();
  Second start(seconds(1000)), wall(seconds(1300));
  Pace pace(start, 100, zero);
  Second now;
  for (int i = 1; i <= 20; ++i) now = pace.Next(zero + std::chrono::milliseconds(100 * i), wall);
  EXPECT_EQ(now, start + seconds(200));
  for (int i = 21; i <= 200; ++i) now = pace.Next(zero + std::chrono::milliseconds(100 * i), wall);
  EXPECT_EQ(now, wall);
}

TEST(Pace, WhatWasMissedIsCaughtUpWithAtALimitedSpeed) {
  auto zero = Pace::Steady();
  Second start(seconds(1000));
  Pace pace(start, 1, zero);
  // Ten minutes of standing still, then a step of at most a quarter of a second.
  Second now = pace.Next(zero + std::chrono::minutes(10), start + seconds(600));
  EXPECT_EQ(now, start + seconds(25));
  now =
      pace.Next(zero + std::chrono::minutes(10) + std::chrono::seconds(100), start + seconds(700));
  EXPECT_EQ(now, start + seconds(50));
}

TEST(Pace, AWorldThatCouldNotFollowIsNotPushed) {
  auto zero = Pace::Steady();
  Second start(seconds(1000)), wall(seconds(100'000));
  Pace pace(start, 1000, zero);
  pace.Next(zero + std::chrono::milliseconds(200), wall);
  pace.Reached(start + seconds(10));
  EXPECT_EQ(pace.Next(zero + std::chrono::milliseconds(300), wall), start + seconds(110));
}

// --- The program.

struct Outcome {
  int status;
  std::string output;
};

class Program {
 public:
  explicit Program(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), USAGE_SIM_BINARY);
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("pipe");
    pid_ = fork();
    if (pid_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      dup2(ends[1], STDERR_FILENO);
      close(ends[0]);
      close(ends[1]);
      std::vector<char*> argv;
      for (auto& argument : arguments) argv.push_back(argument.data());
      argv.push_back(nullptr);
      execv(argv[0], argv.data());
      _exit(127);
    }
    close(ends[1]);
    output_ = ends[0];
  }
  void Signal(int signal) { kill(pid_, signal); }
  Outcome Wait() {
    Outcome outcome;
    char buffer[4096];
    for (ssize_t n; (n = read(output_, buffer, sizeof buffer)) > 0;) {
      outcome.output.append(buffer, static_cast<size_t>(n));
    }
    close(output_);
    int status = 0;
    waitpid(pid_, &status, 0);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
  }

 private:
  pid_t pid_;
  int output_;
};

Outcome RunProgram(std::vector<std::string> arguments) {
  return Program(std::move(arguments)).Wait();
}

TEST_F(SimulatorTest, SigtermAndSigintEndTheProgramWithASettledTruth) {
  for (int signal : {SIGTERM, SIGINT}) {
    std::filesystem::remove(options_.truth);
    Program program({"run", "--database", database_.dsn(), "--create-tables", "--since", "-1d",
                     "--speed", "100", "--truth", options_.truth, "--faults", "none"});
    for (int i = 0; i < 6000 && !std::filesystem::exists(options_.truth); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    program.Signal(signal);
    Outcome outcome = program.Wait();
    EXPECT_EQ(outcome.status, 0) << outcome.output;
    EXPECT_TRUE(ReadTruth(options_.truth).settled);
    EXPECT_THAT(outcome.output, HasSubstr("sessions open"));
  }
}

TEST(UsageSim, SaysWhoItIsAndWhatItCan) {
  EXPECT_THAT(RunProgram({"--version"}).output, ::testing::HasSubstr("usage_sim, version "));
  EXPECT_THAT(RunProgram({"--help"}).output, HasSubstr("verify"));
  EXPECT_THAT(RunProgram({"run", "--help"}).output, HasSubstr("lost_stop=0.01"));
  EXPECT_THAT(RunProgram({"verify", "--help"}).output, HasSubstr("0 bytes off"));
}

TEST(UsageSim, MistakesAreNamedAndEndWithAnotherStatusThanBytesOff) {
  auto expect = [](std::vector<std::string> arguments, const std::string& text) {
    Outcome outcome = RunProgram(std::move(arguments));
    EXPECT_GT(outcome.status, 1) << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr(text));
  };
  expect({"run"}, "--target user_sessions needs --database");
  expect({"run", "--target", "radius"}, "--target radius needs --secret-file");
  expect({"run", "--target", "carrier-pigeon"}, "--target");
  expect({"run", "--database", "dbname=x", "--faults", "lost=1"}, "no such fault");
  expect({"run", "--database", "dbname=x", "--since", "tomorrow"}, "--since tomorrow: write now");
  expect({"run", "--database", "dbname=x", "--for", "0s"}, "--for 0s: write whole seconds");
  expect({"run", "--target", "radius", "--secret-file", "/nonexistent"},
         "/nonexistent: can't read");
  expect({"run", "--target", "radius", "--secret", "x", "--radius", "localhost"},
         "--radius: write");
  expect({"run", "--database", "host=127.0.0.1 port=1 dbname=x"}, "onnection");
  expect({"verify"}, "--truth is required");
  expect({"verify", "--truth", "/nonexistent"}, "nothing to compare with");
  expect({"verify", "--truth", "/nonexistent", "--ledger", "dbname=x", "--timeout", "1s"},
         "/nonexistent: can't read it");
}

}  // namespace
}  // namespace usage::sim
